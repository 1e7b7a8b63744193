import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ecdsaFromDer, ecdsaToDer } from './ecdsa-der.ts';

const scalar = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  // Short integers: leading zero octets, and the first bit set after them.
  fc.tuple(fc.integer({ min: 1, max: 31 }), fc.uint8Array({ minLength: 32, maxLength: 32 })).map(([zeros, octets]) => octets.fill(0, 0, zeros)),
);

describe('the DER form of ECDSA signatures', () => {
  it('comes back as the same 64 octets', () => {
    fc.assert(
      fc.property(scalar, scalar, (r, s) => {
        fc.pre(r.some((octet) => octet !== 0) && s.some((octet) => octet !== 0));
        const signature = Uint8Array.of(...r, ...s);
        expect(ecdsaFromDer(ecdsaToDer(signature))).toEqual(signature);
      }),
      { numRuns: 1000 },
    );
  });

  it('writes minimal positive integers (X.690 8.3)', () => {
    const signature = new Uint8Array(64);
    signature[31] = 0x7f;
    signature[63] = 0x80;
    expect([...ecdsaToDer(signature)]).toEqual([0x30, 7, 2, 1, 0x7f, 2, 2, 0, 0x80]);
  });
});
