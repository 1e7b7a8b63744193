/** A cryptographically secure source of random bytes. */
export interface Randomness {
  /** `count` fresh unpredictable bytes. */
  bytes(count: number): Uint8Array;
}
