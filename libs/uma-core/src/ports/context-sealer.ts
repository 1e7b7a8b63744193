/** Encrypts ticket contexts for AS-RO itself (Decision D2): A256GCM under a key of its own, readable by nobody else. */
export interface ContextSealer {
  /** A compact JWE (`dir`, `A256GCM`) of the text. */
  seal(text: string): Promise<string>;
  /** The text again, or undefined when the JWE was not made with a key of this sealer. */
  open(sealed: string): Promise<string | undefined>;
}
