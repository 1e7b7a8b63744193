import { GRANT_TYPES } from '@uma-federation/uma-core';
import type { CallContext } from './call-context.ts';
import { readGrantedToken } from './granted-token.ts';
import type { ClientCredentials } from './options.ts';
import type { GrantedToken } from './requesting-party-token.ts';
import type { AuthorizationServer } from './server-metadata.ts';
import { answeredError, requestToken } from './token-request.ts';

const TITLES = ['Refresh the requesting party token', 'The fresh requesting party token'] as const;

/**
 * Exchanges a refresh token for a fresh RPT (UMA Grant 3.6, RFC 6749 6). It goes to the server that gave it and to no other.
 * @param url the URL that is being called, of the token's origin
 * @returns the fresh token, with the old refresh token where the server gave no new one; undefined when the server refuses, for
 *   `invalid_grant` or whatever else: then the token has to be asked for anew
 * @throws UmaError what `requestToken` and `readGrantedToken` throw
 */
export async function refreshToken(
  { refreshToken: refresh, issuer }: GrantedToken,
  client: { readonly server: AuthorizationServer; readonly credentials: ClientCredentials; readonly url: URL },
  context: CallContext,
): Promise<GrantedToken | undefined> {
  if (refresh === undefined) return undefined;
  const { server, credentials, url } = client;
  const parameters = { grant_type: GRANT_TYPES.refreshToken, refresh_token: refresh };
  const answer = await requestToken({ step: 7, titles: TITLES, server, credentials, parameters }, context);
  if (answeredError(answer, 8) !== undefined) return undefined;
  const token = readGrantedToken(answer, { url, issuer }, context);
  return { ...token, refreshToken: token.refreshToken ?? refresh };
}
