import { UmaError } from './uma-error.ts';
import type { ClientCredentials } from './options.ts';
import type { AuthorizationServer } from './server-metadata.ts';

/** What client authentication adds to a token request. */
export interface ClientAuthentication {
  readonly headers: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
}

/**
 * Authenticates the client at a token endpoint (RFC 6749 2.3.1, 3.2.1): `client_secret_basic` where the server supports it,
 * else `client_secret_post`; a public client names itself.
 * @throws UmaError `client_unknown` when the server supports neither
 */
export function authenticateClient(credentials: ClientCredentials, server: AuthorizationServer): ClientAuthentication {
  const { clientId, clientSecret } = credentials;
  if (clientSecret === undefined) return { headers: {}, form: { client_id: clientId } };
  if (server.authenticationMethods.includes('client_secret_basic')) {
    return { headers: { authorization: `Basic ${btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`)}` }, form: {} };
  }
  if (!server.authenticationMethods.includes('client_secret_post')) throw new UmaError('client_unknown');
  return { headers: {}, form: { client_id: clientId, client_secret: clientSecret } };
}

/** RFC 6749 2.3.1: identifier and secret are form-encoded before they are joined. */
function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
