import { describe, expect, it } from '@jest/globals';
import { SystemRandomness } from './system-randomness.ts';

describe('SystemRandomness', () => {
  it('gives as many octets as asked for, over the end of its pool and beyond its size', () => {
    const randomness = new SystemRandomness();
    for (const count of [0, 1, 16, 4000, 4096, 4097, 100]) expect(randomness.bytes(count)).toHaveLength(count);
  });

  it('never gives the same octets twice', () => {
    const randomness = new SystemRandomness();
    const seen = new Set(Array.from({ length: 5000 }, () => Buffer.from(randomness.bytes(16)).toString('hex')));
    expect(seen.size).toBe(5000);
  });

  it('gives octets of its own: what the caller does with them changes no later ones', () => {
    const randomness = new SystemRandomness();
    const first = randomness.bytes(16);
    first.fill(0);
    expect(Buffer.from(randomness.bytes(16)).equals(Buffer.alloc(16))).toBe(false);
  });
});
