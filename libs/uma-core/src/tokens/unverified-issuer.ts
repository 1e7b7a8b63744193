import { TokenFault } from '../errors/token-fault.ts';
import { type CompactJws, parseSubjectJws } from './parse-compact-jws.ts';
import { tokenFault } from './token-faults.ts';

/**
 * Reads `iss` and `typ` of a token of a configured provider, to choose whose keys to verify it with. Verifies nothing.
 * @returns `jws` is the token taken apart, for `verifySubjectAccessToken` and `verifySubjectIdToken`; undefined when the token is no compact JWS, so that it may be an opaque token
 * @throws TokenFault for a JWS with an unacceptable header or without `iss`
 */
export function unverifiedIssuer(token: string): { readonly issuer: string; readonly type: string; readonly jws: CompactJws } | undefined {
  try {
    const jws = parseSubjectJws(token);
    const { iss } = jws.claims;
    if (typeof iss !== 'string') throw tokenFault('bad_claims');
    return { issuer: iss, type: jws.header.typ, jws };
  } catch (error) {
    if (error instanceof TokenFault && error.reason === 'malformed') return undefined;
    throw error;
  }
}
