import type { SignInFlags } from '../flags.ts';
import { readTextFile } from '../settings/json-file.ts';
import type { Settings } from '../settings/resolve-settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { UsageError } from '../usage-error.ts';
import { signInWithBrowser, type SignInDemand } from './browser-sign-in.ts';
import { signInWithPassword } from './password-sign-in.ts';
import type { SignedIn } from './signed-in.ts';
import { TokenCache } from './token-cache.ts';

/** A sign-in and whether it may be kept: one with a password is for development and is not. */
export interface Attempt extends SignedIn {
  readonly how: 'password' | 'browser' | 'kept';
}

/**
 * Signs the person in: with a password when a flag or the manifest gives one, with the kept token when there is one, else with the browser.
 * @param demand a fresh sign-in that fulfils it, never the kept token; `undefined`: whatever sign-in there is
 * @throws UsageError when there is no password where the flag says, SignInError when the sign-in fails
 */
export async function signIn(settings: Settings, flags: SignInFlags, demand: SignInDemand | undefined, surroundings: Surroundings): Promise<Attempt> {
  const { email, identityProvider, client } = settings;
  const password = (await readPassword(flags, surroundings)) ?? settings.password;
  if (password !== undefined && flags.browser === undefined) {
    surroundings.stderr.write(`Development only: signing ${email} in with a password.\n`);
    return { ...(await signInWithPassword(settings, password, surroundings)), how: 'password' };
  }
  const cache = new TokenCache(surroundings.configFolder);
  const key = { email, identityProvider, clientId: client.clientId };
  const kept = demand !== undefined ? undefined : await cache.find(key, surroundings.clock.now());
  if (kept !== undefined) return { ...kept, how: 'kept' };
  const signedIn = await signInWithBrowser(settings, { open: flags.browser !== 'print', demand }, surroundings);
  await cache.keep({ ...key, ...signedIn }, surroundings.clock.now());
  return { ...signedIn, how: 'browser' };
}

async function readPassword({ password }: SignInFlags, { stdin }: Surroundings): Promise<string | undefined> {
  if (password === undefined) return undefined;
  const text = password.from === 'file' ? await readTextFile(password.file) : await readAll(stdin);
  const [line = ''] = (text ?? '').split(/\r?\n/);
  if (line === '') throw new UsageError(password.from === 'file' ? `There is no password in ${password.file}.` : 'There is no password on stdin.');
  return line;
}

async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
