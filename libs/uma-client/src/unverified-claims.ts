import { TokenFault, parseCompactJws } from '@uma-federation/uma-core';
import type { JsonObject } from '@uma-federation/uma-core';
import { UmaError } from './uma-error.ts';

/**
 * Reads the claims of a token that this client passes on.
 * Does not check: the signature, times, or any claim. The authorization server that receives the token does; here they serve the
 * client duties only, which refuse more than they allow.
 * @param typ the JWS `typ` that a token in this place has (RFC 8725 3.11)
 * @throws UmaError `challenge_malformed` or `unexpected_token`, as the caller says
 */
export function readUnverifiedClaims(token: string, typ: string, code: 'challenge_malformed' | 'unexpected_token'): JsonObject {
  try {
    const { header, claims } = parseCompactJws(token);
    if (header.typ === typ) return claims;
  } catch (cause) {
    if (!(cause instanceof TokenFault)) throw cause;
    throw new UmaError(code, { cause });
  }
  throw new UmaError(code);
}
