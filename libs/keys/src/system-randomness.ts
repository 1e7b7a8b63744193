import { randomFillSync } from 'node:crypto';
import type { Randomness } from '@uma-federation/uma-core';

const POOL_BYTES = 4096;

/** The random generator of OpenSSL, asked for 4 KiB at a time: most callers want 16 octets, and asking is what costs. No octet is given twice. */
export class SystemRandomness implements Randomness {
  readonly #pool = new Uint8Array(POOL_BYTES);
  #used = POOL_BYTES;

  /** @inheritdoc */
  bytes(count: number): Uint8Array {
    if (count > POOL_BYTES) return randomFillSync(new Uint8Array(count));
    if (this.#used + count > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const octets = this.#pool.slice(this.#used, this.#used + count);
    this.#pool.fill(0, this.#used, this.#used + count);
    this.#used += count;
    return octets;
  }
}
