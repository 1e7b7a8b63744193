import { TokenFault } from '../errors/token-fault.ts';
import { parseSubjectJws } from './parse-compact-jws.ts';
import { tokenFault } from './token-faults.ts';

/**
 * Reads `iss` and `typ` of a token of a configured provider, to choose whose keys to verify it with. Verifies nothing.
 * @returns undefined when the token is no compact JWS, so that it may be an opaque token
 * @throws TokenFault for a JWS with an unacceptable header or without `iss`
 */
export function unverifiedIssuer(token: string): { readonly issuer: string; readonly type: string } | undefined {
  try {
    const { header, claims } = parseSubjectJws(token);
    const { iss } = claims;
    if (typeof iss !== 'string') throw tokenFault('bad_claims');
    return { issuer: iss, type: header.typ };
  } catch (error) {
    if (error instanceof TokenFault && error.reason === 'malformed') return undefined;
    throw error;
  }
}
