import type { Randomness } from '../ports/randomness.ts';
import type { Sha256 } from '../ports/sha-256.ts';
import { encodeBase64Url, encodeUtf8 } from './base64url.ts';
import { sha256 } from './ticket-hash.ts';

/** What the opaque tokens of this house begin with, so that each is looked for in one place. */
export const OPAQUE_TOKEN_PREFIXES = { persistedClaims: 'upc_', rptRefresh: 'urr_', protectionRefresh: 'urp_', uma1: 'uma1_' } as const;

/** An opaque token: its value says nothing (G28), and only its hash is kept. */
export interface OpaqueToken {
  readonly token: string;
  readonly hash: string;
}

/** Mints an opaque token of 256 random bits (G27, G57; RFC 6749 10.10). */
export async function mintOpaqueToken(prefix: string, deps: { readonly randomness: Randomness; readonly sha256?: Sha256 | undefined }): Promise<OpaqueToken> {
  const token = `${prefix}${encodeBase64Url(deps.randomness.bytes(32))}`;
  return { token, hash: await hashOpaqueToken(token, deps.sha256) };
}

/** What is kept of an opaque token: SHA-256 in base64url. A fast hash is enough for 256 random bits. */
export async function hashOpaqueToken(token: string, digest: Sha256 = sha256): Promise<string> {
  return encodeBase64Url(await digest(encodeUtf8(token)));
}
