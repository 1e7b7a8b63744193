import { describe, expect, it } from '@jest/globals';
import { checkSigningKeys, generateSigningKeys } from './signing-keys.ts';

describe('the signing keys', () => {
  it('are one for ES256 and one for RS256, both private', async () => {
    const { keys } = await generateSigningKeys();
    expect(keys.map(({ alg, kty }) => [alg, kty])).toEqual([['ES256', 'EC'], ['RS256', 'RSA']]);
    for (const key of keys) expect(typeof key.d).toBe('string');
  });

  it('get the algorithm of their type when they name none', async () => {
    const { keys } = await generateSigningKeys();
    const bare = keys.map((key) => Object.fromEntries(Object.entries(key).filter(([member]) => member !== 'alg' && member !== 'use')));
    expect(checkSigningKeys({ keys: bare }).keys.map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
  });

  it('are refused when one of the two is missing', async () => {
    const { keys } = await generateSigningKeys();
    expect(() => checkSigningKeys({ keys: keys.slice(0, 1) })).toThrow('RS256');
    expect(() => checkSigningKeys({ keys: keys.slice(1) })).toThrow('ES256');
  });
});
