import type { Sha256 } from '../../ports/sha-256.ts';
import { hashOpaqueToken, OPAQUE_TOKEN_PREFIXES } from '../../tokens/opaque-token.ts';

const TOKEN = new RegExp(`^${OPAQUE_TOKEN_PREFIXES.uma1}[A-Za-z0-9_-]{43}$`);

/**
 * Under which hash an RPT of UMA 1.0 is kept: a reference without content (V101 3.4.2: "The on-the-wire token is opaque").
 * @returns undefined for anything that does not look like one, which then need not be looked for
 */
export async function uma1TokenHash(token: string, digest?: Sha256): Promise<string | undefined> {
  return TOKEN.test(token) ? hashOpaqueToken(token, digest) : undefined;
}
