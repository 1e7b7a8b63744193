import { randomBytes } from 'node:crypto';
import type { Randomness } from '@uma-federation/uma-core';

/** The random generator of OpenSSL. */
export class SystemRandomness implements Randomness {
  /** @inheritdoc */
  bytes(count: number): Uint8Array {
    return new Uint8Array(randomBytes(count));
  }
}
