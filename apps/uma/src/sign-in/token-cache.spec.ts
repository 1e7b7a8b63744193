import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { fakeSurroundings } from '../../test/fake-surroundings.ts';
import { TokenCache, type KeptSignIn } from './token-cache.ts';

const NOW = 1000;
const signIn = (email: string, changed: Partial<KeptSignIn> = {}): KeptSignIn => ({
  email,
  identityProvider: 'https://id.example',
  clientId: 'app',
  subjectToken: { token: 't', type: 'access_token' },
  expiresAt: NOW + 900,
  ...changed,
});

let folder: string;
let cache: TokenCache;
beforeEach(async () => {
  folder = (await fakeSurroundings()).configFolder;
  cache = new TokenCache(folder);
});

describe('Kept tokens', () => {
  it('are found for the same person, provider and client until shortly before their end', async () => {
    const bob = signIn('bob@x.example');
    await cache.keep(bob, NOW);
    expect(await cache.find(bob, NOW)).toEqual(bob);
    expect(await cache.find({ ...bob, clientId: 'other' }, NOW)).toBeUndefined();
    expect(await cache.find({ ...bob, identityProvider: 'https://other.example' }, NOW)).toBeUndefined();
    expect(await cache.find(bob, NOW + 869)).toBeDefined();
    expect(await cache.find(bob, NOW + 870)).toBeUndefined();
  });

  it('are one per person; forgetting one leaves the others', async () => {
    await cache.keep(signIn('bob@x.example'), NOW);
    await cache.keep(signIn('eve@x.example'), NOW);
    await cache.keep(signIn('bob@x.example', { subjectToken: { token: 'newer', type: 'id_token' } }), NOW);
    expect((await cache.list(NOW)).map(({ email, subjectToken }) => [email, subjectToken.token])).toEqual([['eve@x.example', 't'], ['bob@x.example', 'newer']]);
    await cache.forget('eve@x.example', NOW);
    expect((await cache.list(NOW)).map(({ email }) => email)).toEqual(['bob@x.example']);
    await cache.forget(undefined, NOW);
    await expect(stat(join(folder, 'tokens.json'))).rejects.toThrow('ENOENT');
  });

  it('lie in a file for their owner only, even when it was open before', async () => {
    await cache.keep(signIn('bob@x.example'), NOW);
    const file = join(folder, 'tokens.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await chmod(file, 0o644);
    await cache.keep(signIn('eve@x.example'), NOW);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: 1 });
  });

  it('that are damaged are as good as none', async () => {
    await cache.keep(signIn('bob@x.example'), NOW);
    await writeFile(join(folder, 'tokens.json'), '{"signIns":[{"email":"bob@x.example"},7]}');
    expect(await cache.list(NOW)).toEqual([]);
  });
});
