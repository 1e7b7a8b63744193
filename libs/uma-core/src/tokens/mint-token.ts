import type { TokenId } from '../model/ids.ts';
import type { JsonValue } from '../model/json.ts';
import { encodeBase64Url } from './base64url.ts';
import { MAX_TOKEN_BYTES } from './claim-rules.ts';
import { definedClaims } from './claim-schemas.ts';
import type { MintDependencies } from './mint-dependencies.ts';
import { tokenFault } from './token-faults.ts';

/** A fresh token. */
export interface MintedToken {
  readonly token: string;
  /** Its `jti`: 128 random bits. */
  readonly tokenId: TokenId;
  /** Its `exp`, a NumericDate. */
  readonly expiresAt: number;
}

/**
 * Signs claims as one kind of token, with a fresh `jti`, `iat` now and the given `exp`.
 * @param typ the JWS `typ`
 * @param claims without `iat`, `exp` and `jti`; undefined members are left out
 * @param times `now` and `expiresAt`, NumericDates
 * @throws TokenFault `too_large` (integrity) when no verifier would look at the result
 */
export async function mintToken(
  typ: string,
  claims: Readonly<Record<string, JsonValue | undefined>>,
  times: { readonly now: number; readonly expiresAt: number },
  { signer, randomness }: Pick<MintDependencies, 'signer' | 'randomness'>,
): Promise<MintedToken> {
  const tokenId = encodeBase64Url(randomness.bytes(16)) as TokenId;
  const token = await signer.sign(typ, definedClaims({ ...claims, iat: times.now, exp: times.expiresAt, jti: tokenId }));
  if (token.length > MAX_TOKEN_BYTES) throw tokenFault('too_large');
  return { token, tokenId, expiresAt: times.expiresAt };
}

/**
 * The end of a lifetime that starts now.
 * @throws RangeError when the lifetime is not between 1 s and the longest one of its kind: a wrong configuration, not a wrong request
 */
export function lifetimeEnd(now: number, lifetimeSeconds: number, maxLifetimeSeconds: number): number {
  if (!Number.isSafeInteger(lifetimeSeconds) || lifetimeSeconds < 1 || lifetimeSeconds > maxLifetimeSeconds) {
    throw new RangeError(`A lifetime of ${lifetimeSeconds} s is not between 1 and ${maxLifetimeSeconds}`);
  }
  return now + lifetimeSeconds;
}

/**
 * The earlier of an outer limit and the longest lifetime that starts now (protocol.md 5.6 T16).
 * @throws TokenFault `expired` (curable) when the limit has passed: what the token rests on is no longer valid
 */
export function boundedEnd(now: number, limit: number, maxLifetimeSeconds: number): number {
  if (limit <= now) throw tokenFault('expired');
  return Math.min(limit, now + maxLifetimeSeconds);
}
