import { integerMember, stringMember } from './answer-json.ts';
import type { CallContext } from './call-context.ts';
import { checkAnsweredResource, type GrantedToken } from './requesting-party-token.ts';
import type { TokenAnswer } from './token-request.ts';
import { UmaError } from './uma-error.ts';

/**
 * Reads an RPT from a successful token answer (RFC 6749 5.1). Members it does not know are ignored (G21).
 * @param expected the URL that it is for, and who issued it
 * @throws UmaError `malformed_answer` without a token that can stand in a header, `unexpected_token` for a type this client does not
 *   know, `resource_mismatch` when the answer names another resource server
 */
export function readGrantedToken(
  { body, status }: TokenAnswer,
  { url, issuer }: { readonly url: URL; readonly issuer: string },
  context: CallContext,
): GrantedToken {
  const token = stringMember(body, 'access_token');
  // A token that could not stand in a header (RFC 6750 2.1) is no token.
  if (token === undefined || !/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) throw new UmaError('malformed_answer', { step: 8, status });
  checkAnsweredResource(stringMember(body, 'resource'), url);
  const lifetimeSeconds = integerMember(body, 'expires_in');
  const expiresAt = lifetimeSeconds === undefined ? undefined : context.clock.now() + lifetimeSeconds;
  const scheme = readScheme(body['token_type'], context);
  return { token, scheme, origin: url.origin, issuer, expiresAt, refreshToken: stringMember(body, 'refresh_token') };
}

/** RFC 6749 7.1: a client MUST NOT use a token whose type it does not understand; the type is case insensitive. */
function readScheme(type: unknown, context: CallContext): 'Bearer' | 'DPoP' {
  const name = typeof type === 'string' ? type.toLowerCase() : '';
  if (name === 'dpop' && context.prover !== undefined) return 'DPoP';
  if (name !== 'bearer') throw new UmaError('unexpected_token', { step: 8 });
  return 'Bearer';
}
