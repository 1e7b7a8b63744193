import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type JsonObject, parseStrictJson } from '@uma-federation/uma-core';
import { generateSigningJwk } from './generate-signing-jwk.ts';

/**
 * The private signing keys in a file, which is made with one fresh key when there is none.
 * Several processes may start at once: exactly one creates, all read the same keys.
 * @param path of a JWK Set (RFC 7517 5) with private keys, current key first; created with mode 0600
 * @returns the private JWKs, for `loadKeyRing`
 * @throws Error of node:fs; TypeError when the file holds no JWK Set
 */
export async function readOrCreateKeyFile(path: string): Promise<readonly JsonObject[]> {
  const text = await readOrCreate(path, async () => JSON.stringify({ keys: [await generateSigningJwk()] }, undefined, 2) + '\n');
  return toKeys(text);
}

/**
 * Secret bytes in a file, which is made with random ones when there is none: the key of the ticket contexts (Decision D2).
 * @param path of a file with base64url text; created with mode 0600
 * @param byteCount how many bytes are wanted
 * @throws Error of node:fs; TypeError when the file holds another number of bytes
 */
export async function readOrCreateSecretFile(path: string, byteCount = 32): Promise<Uint8Array> {
  const text = await readOrCreate(path, async () => randomBytes(byteCount).toString('base64url') + '\n');
  const secret = new Uint8Array(Buffer.from(text.trim(), 'base64url'));
  if (secret.length !== byteCount) throw new TypeError(`The secret file does not hold ${byteCount} bytes`);
  return secret;
}

async function readOrCreate(path: string, make: () => Promise<string>): Promise<string> {
  const existing = await readIfExists(path);
  if (existing !== undefined) return existing;
  await createOnce(path, await make());
  return readFile(path, 'utf8');
}

async function readIfExists(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** The file appears whole or not at all: `link` fails when somebody else was first, and theirs stays. */
async function createOnce(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeDurably(draft, text);
    await link(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

function toKeys(text: string): readonly JsonObject[] {
  const keys = (parseStrictJson(text) as JsonObject | null)?.['keys'];
  if (!Array.isArray(keys)) throw new TypeError('The key file holds no JWK Set');
  return keys as JsonObject[];
}
