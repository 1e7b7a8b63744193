import { describe, expect, it } from '@jest/globals';
import { JoseContextSealer } from '@uma-federation/uma-core';
import fc from 'fast-check';
import { NodeContextSealer } from './node-context-sealer.ts';

const key = (octet: number): Uint8Array => new Uint8Array(32).fill(octet);

describe('a context sealed through node:crypto', () => {
  it('opens with the key it was sealed with, also after that key was replaced', async () => {
    const sealed = await new NodeContextSealer([key(1)]).seal('text ☃');
    expect(await new NodeContextSealer([key(1)]).open(sealed)).toBe('text ☃');
    expect(await new NodeContextSealer([key(2), key(1)]).open(sealed)).toBe('text ☃');
    expect(await new NodeContextSealer([key(2)]).open(sealed)).toBeUndefined();
  });

  it('is sealed with the newest key, differently each time', async () => {
    const sealer = new NodeContextSealer([key(2), key(1)]);
    const sealed = await sealer.seal('text');
    expect(await new NodeContextSealer([key(2)]).open(sealed)).toBe('text');
    expect(await sealer.seal('text')).not.toBe(sealed);
  });

  it('is the same to jose, both ways', async () => {
    const [ours, theirs] = [new NodeContextSealer([key(1)]), new JoseContextSealer([key(1)])];
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 300 }).filter((text) => text.isWellFormed()), async (text) => {
        expect(await theirs.open(await ours.seal(text))).toBe(text);
        expect(await ours.open(await theirs.seal(text))).toBe(text);
      }),
      { numRuns: 30 },
    );
  });

  it('A17 does not open when any character of it was changed', async () => {
    const sealer = new NodeContextSealer([key(1)]);
    const sealed = await sealer.seal('text');
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = sealed.slice(0, index) + (sealed[index] === 'A' ? 'B' : 'A') + sealed.slice(index + 1);
      expect(await sealer.open(changed)).toBeUndefined();
    }
  });

  it('A47 A54 does not open with another header, a shortened tag, oversized, or as no JWE', async () => {
    const sealer = new NodeContextSealer([key(1)]);
    const sealed = await sealer.seal('text');
    const [header = '', , iv = '', ciphertext = '', tag = ''] = sealed.split('.');
    const compressed = Buffer.from('{"alg":"dir","enc":"A256GCM","zip":"DEF"}').toString('base64url');
    const shortTag = Buffer.from(tag, 'base64url').subarray(0, 4).toString('base64url');
    const foreign = [
      [compressed, '', iv, ciphertext, tag],
      [header, 'AAAA', iv, ciphertext, tag],
      [header, '', iv, ciphertext, shortTag],
      [header, '', iv, ciphertext, ''],
      [header, '', `${iv}AAAA`, ciphertext, tag],
      [header, '', iv, ciphertext, tag, ''],
    ].map((parts) => parts.join('.'));
    for (const text of [...foreign, '', 'a.b.c', 'a.b.c.d.e', '....', await sealer.seal('x'.repeat(8192))]) expect(await sealer.open(text)).toBeUndefined();
  });

  it('needs keys of 32 octets', () => {
    expect(() => new NodeContextSealer([])).toThrow(TypeError);
    expect(() => new NodeContextSealer([key(1), new Uint8Array(16)])).toThrow(TypeError);
  });
});
