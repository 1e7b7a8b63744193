import type { Randomness } from '../../ports/randomness.ts';
import type { Sha256 } from '../../ports/sha-256.ts';
import { encodeBase64Url, encodeUtf8 } from '../../tokens/base64url.ts';
import { sha256 } from '../../tokens/ticket-hash.ts';

/** What an RPT of UMA 1.0 begins with, so that it is never taken for anything else. */
const PREFIX = 'uma1_';
const TOKEN_BYTES = 32;
const TOKEN = new RegExp(`^${PREFIX}[A-Za-z0-9_-]{43}$`);

/**
 * Makes an RPT of UMA 1.0: a reference without content (V101 3.4.2: "The on-the-wire token is opaque"), 256 random bits.
 * @returns the token, which only the client gets, and what is kept of it
 */
export async function newUma1Token(deps: { readonly randomness: Randomness; readonly sha256?: Sha256 | undefined }): Promise<{ readonly token: string; readonly tokenHash: string }> {
  const token = `${PREFIX}${encodeBase64Url(deps.randomness.bytes(TOKEN_BYTES))}`;
  return { token, tokenHash: await hash(token, deps.sha256) };
}

/**
 * Under which hash a presented token is kept.
 * @returns undefined for anything that does not look like an RPT of UMA 1.0, which then need not be looked for
 */
export async function uma1TokenHash(token: string, digest?: Sha256): Promise<string | undefined> {
  return TOKEN.test(token) ? hash(token, digest) : undefined;
}

async function hash(token: string, digest: Sha256 = sha256): Promise<string> {
  return encodeBase64Url(await digest(encodeUtf8(token)));
}
