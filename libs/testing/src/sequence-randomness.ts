import type { Randomness } from '@uma-federation/uma-core';

/** Bytes that are the same in every run and never the same twice: a counter, spread over the bytes asked for. */
export class SequenceRandomness implements Randomness {
  #calls: number;

  /** @param start where the counter starts */
  constructor(start = 0) {
    this.#calls = start;
  }

  /** @inheritdoc */
  bytes(count: number): Uint8Array {
    this.#calls += 1;
    const bytes = Uint8Array.from({ length: count }, (_, index) => (index * 7 + this.#calls * 31) & 0xff);
    for (let octet = 0; octet < Math.min(4, count); octet += 1) bytes[count - 1 - octet] = (this.#calls >>> (8 * octet)) & 0xff;
    return bytes;
  }
}
