import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeBase64Url, decodeUtf8, encodeBase64Url, encodeUtf8 } from './base64url.ts';

describe('base64url', () => {
  it('encodes as Node does and decodes to the same octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (octets) => {
        const text = encodeBase64Url(octets);
        expect(text).toBe(Buffer.from(octets).toString('base64url'));
        expect(decodeBase64Url(text)).toEqual(octets);
      }),
    );
  });

  it('A54 decodes a text only if it is the one spelling of its octets', () => {
    const character = fc.constantFrom(...'ABab01-_+/= \n.~é');
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 12 }), (text) => {
        const octets = decodeBase64Url(text);
        expect(octets === undefined || encodeBase64Url(octets) === text).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['QQ==', 'QR', 'QUI=', 'QUJ', 'Q', 'QQ\n', ' QQ', 'Q Q', 'QUJDR', '+_8A', 'QQ\u0100'])('A54 refuses %j', (text) => {
    expect(decodeBase64Url(text)).toBeUndefined();
  });

  it('decodes nothing to nothing', () => {
    expect(decodeBase64Url('')).toEqual(new Uint8Array());
  });
});

describe('UTF-8', () => {
  it('A54 is decoded strictly, and a byte order mark stays in the text', () => {
    expect(decodeUtf8(Uint8Array.of(0xff))).toBeUndefined();
    expect(decodeUtf8(Uint8Array.of(0xc0, 0xaf))).toBeUndefined();
    expect(decodeUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined();
    expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b))).toBe('\uFEFF{');
    expect(decodeUtf8(encodeUtf8('bücher ☃'))).toBe('bücher ☃');
  });
});
