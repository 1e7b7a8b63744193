import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOrCreateKeyFile, readOrCreateSecretFile } from './key-file.ts';
import { loadKeyRing } from './key-ring.ts';

describe('a key file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'uma-keys-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is made once, readable by its owner only, and read afterwards', async () => {
    const path = join(folder, 'nested', 'signing.json');
    const first = await readOrCreateKeyFile(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readOrCreateKeyFile(path)).toEqual(first);
    expect(loadKeyRing(first).signer.algorithm).toBe('ES256');
  });

  it('is the same for 20 processes that start at once, and leaves no draft behind', async () => {
    const path = join(folder, 'race.json');
    const rings = await Promise.all(Array.from({ length: 20 }, () => readOrCreateKeyFile(path)));
    expect(new Set(rings.map((keys) => keys[0]?.['kid'])).size).toBe(1);
    expect((await readdir(folder)).filter((name) => name.startsWith('race'))).toEqual(['race.json']);
  });

  it('is refused when it holds something else', async () => {
    const path = join(folder, 'other.json');
    await writeFile(path, '{"kty":"EC"}');
    await expect(readOrCreateKeyFile(path)).rejects.toThrow('no JWK Set');
  });

  it('holds the bytes of a secret, and exactly as many as are wanted', async () => {
    const path = join(folder, 'context.key');
    const secret = await readOrCreateSecretFile(path);
    expect(secret).toHaveLength(32);
    expect(await readOrCreateSecretFile(path)).toEqual(secret);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await expect(readOrCreateSecretFile(path, 16)).rejects.toThrow(TypeError);
  });
});
