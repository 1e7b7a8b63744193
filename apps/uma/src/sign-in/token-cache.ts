import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SubjectToken } from '@uma-federation/uma-client';
import type { JsonObject } from '@uma-federation/uma-core';
import { asObject, readItems, readOptionalJsonFile, readString } from '../settings/json-file.ts';
import type { SignedIn } from './signed-in.ts';

/** A sign-in that was kept. */
export interface KeptSignIn extends SignedIn {
  readonly email: string;
  readonly identityProvider: string;
  /** The token is this client's (T7). */
  readonly clientId: string;
}

/** A kept token that ends this soon is not used any more. */
const MARGIN_SECONDS = 30;

/** `tokens.json` in the config folder, readable by its owner only. */
export class TokenCache {
  readonly #folder: string;
  readonly #file: string;

  constructor(configFolder: string) {
    this.#folder = configFolder;
    this.#file = join(configFolder, 'tokens.json');
  }

  /** Everybody who is signed in and whose token is still good at `now` (NumericDate). */
  async list(now: number): Promise<readonly KeptSignIn[]> {
    const document = await readOptionalJsonFile(this.#file);
    return readItems(document ?? {}, 'signIns')
      .flatMap((entry) => readEntry(asObject(entry) ?? {}))
      .filter(({ expiresAt }) => expiresAt - MARGIN_SECONDS > now);
  }

  /** The kept sign-in of one person at one provider through one client. */
  async find(wanted: Pick<KeptSignIn, 'email' | 'identityProvider' | 'clientId'>, now: number): Promise<SignedIn | undefined> {
    return (await this.list(now)).find(
      ({ email, identityProvider, clientId }) => email === wanted.email && identityProvider === wanted.identityProvider && clientId === wanted.clientId,
    );
  }

  /** Keeps a sign-in instead of an earlier one of the same person. */
  async keep(signIn: KeptSignIn, now: number): Promise<void> {
    const others = (await this.list(now)).filter(({ email }) => email !== signIn.email);
    await this.#write([...others, signIn]);
  }

  /** Forgets one person, or everybody. */
  async forget(email: string | undefined, now: number): Promise<void> {
    const left = email === undefined ? [] : (await this.list(now)).filter((signIn) => signIn.email !== email);
    if (left.length === 0) await rm(this.#file, { force: true });
    else await this.#write(left);
  }

  /** A new file takes the place of the old one, so that its mode is 0600 from the first byte and no reader sees half of it. */
  async #write(signIns: readonly KeptSignIn[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const fresh = `${this.#file}.${process.pid}`;
    await writeFile(fresh, `${JSON.stringify({ version: 1, signIns }, undefined, 2)}\n`, { mode: 0o600 });
    await chmod(fresh, 0o600);
    await rename(fresh, this.#file);
  }
}

function readEntry(entry: JsonObject): KeptSignIn[] {
  const [email, identityProvider, clientId] = ['email', 'identityProvider', 'clientId'].map((name) => readString(entry, name));
  const subject = asObject(entry['subjectToken']) ?? {};
  const token = readString(subject, 'token');
  const type = (['access_token', 'id_token', 'jwt'] as const).find((known): known is SubjectToken['type'] => known === subject['type']);
  const expiresAt = entry['expiresAt'];
  if (email === undefined || identityProvider === undefined || clientId === undefined || token === undefined) return [];
  if (type === undefined || typeof expiresAt !== 'number') return [];
  return [{ email, identityProvider, clientId, subjectToken: { token, type }, expiresAt, ...readIdToken(asObject(entry['idToken']) ?? {}) }];
}

function readIdToken(entry: JsonObject): Pick<KeptSignIn, 'idToken'> {
  const token = readString(entry, 'token');
  const expiresAt = entry['expiresAt'];
  return token === undefined || typeof expiresAt !== 'number' ? {} : { idToken: { token, expiresAt } };
}
