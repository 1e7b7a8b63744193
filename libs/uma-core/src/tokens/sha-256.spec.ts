import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { encodeUtf8 } from './base64url.ts';
import { sha256Digest } from './sha-256.ts';

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');

describe('sha256Digest', () => {
  // FIPS 180-4 examples, as NIST publishes them.
  it.each<[string, string]>([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'],
    ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
  ])('knows the examples of the standard', (text, digest) => {
    expect(hex(sha256Digest(encodeUtf8(text)))).toBe(digest);
  });

  it('agrees with OpenSSL at every length around the ends of blocks', () => {
    for (let length = 0; length <= 200; length += 1) {
      const data = Uint8Array.from({ length }, (_unused, index) => (index * 151 + length) & 0xff);
      expect(hex(sha256Digest(data))).toBe(createHash('sha256').update(data).digest('hex'));
    }
  });

  it('agrees with OpenSSL on anything, also on a view into a larger buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(20), (data, start) => {
        const view = data.subarray(Math.min(start, data.length));
        expect(hex(sha256Digest(view))).toBe(createHash('sha256').update(view).digest('hex'));
      }),
    );
  });
});
