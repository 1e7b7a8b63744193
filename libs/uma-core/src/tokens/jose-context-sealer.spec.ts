import { describe, expect, it } from '@jest/globals';
import { CompactEncrypt } from 'jose';
import { encodeUtf8 } from './base64url.ts';
import { JoseContextSealer } from './jose-context-sealer.ts';

const key = (octet: number): Uint8Array => new Uint8Array(32).fill(octet);

describe('a sealed context', () => {
  it('opens with the key it was sealed with, also after that key was replaced', async () => {
    const sealed = await new JoseContextSealer([key(1)]).seal('text ☃');
    expect(await new JoseContextSealer([key(1)]).open(sealed)).toBe('text ☃');
    expect(await new JoseContextSealer([key(2), key(1)]).open(sealed)).toBe('text ☃');
    expect(await new JoseContextSealer([key(2)]).open(sealed)).toBeUndefined();
  });

  it('is sealed with the newest key, differently each time', async () => {
    const sealer = new JoseContextSealer([key(2), key(1)]);
    const sealed = await sealer.seal('text');
    expect(await new JoseContextSealer([key(2)]).open(sealed)).toBe('text');
    expect(await sealer.seal('text')).not.toBe(sealed);
  });

  it('A17 does not open when anything of it was changed', async () => {
    const sealer = new JoseContextSealer([key(1)]);
    const sealed = await sealer.seal('text');
    for (let index = 0; index < sealed.length; index += 5) {
      const changed = sealed.slice(0, index) + (sealed[index] === 'A' ? 'B' : 'A') + sealed.slice(index + 1);
      // The last character of a part may only have its unused bits changed; those parts are covered by the other positions.
      if (changed.charAt(index + 1) === '.' || index === sealed.length - 1) continue;
      expect(await sealer.open(changed)).toBeUndefined();
    }
  });

  it('A47 A54 does not open when it is compressed, of another algorithm, oversized or no JWE', async () => {
    const sealer = new JoseContextSealer([key(1)]);
    const make = (header: object) => new CompactEncrypt(encodeUtf8('text')).setProtectedHeader(header as { alg: string; enc: string }).encrypt(key(1));
    expect(await sealer.open(await make({ alg: 'dir', enc: 'A256GCM' }))).toBe('text');
    expect(await sealer.open(await make({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }))).toBeUndefined();
    expect(await sealer.open(await make({ alg: 'A256KW', enc: 'A256GCM' }))).toBeUndefined();
    expect(await sealer.open(await make({ alg: 'A256GCMKW', enc: 'A128GCM' }))).toBeUndefined();
    expect(await sealer.open(await sealer.seal('x'.repeat(8192)))).toBeUndefined();
    for (const text of ['', 'a.b.c', 'a.b.c.d.e', '....']) expect(await sealer.open(text)).toBeUndefined();
  });

  it('needs keys of 32 octets', () => {
    expect(() => new JoseContextSealer([])).toThrow(TypeError);
    expect(() => new JoseContextSealer([key(1), new Uint8Array(16)])).toThrow(TypeError);
  });
});
