import type { Clock, Randomness } from '@uma-federation/uma-core';
import type { ClientCredentials } from './options.ts';
import { mintClientAssertion } from './private-key-jwt.ts';
import type { AuthorizationServer } from './server-metadata.ts';
import { UmaError } from './uma-error.ts';

/** What client authentication adds to a token request. */
export interface ClientAuthentication {
  readonly headers: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
}

/** RFC 7523 2.2. */
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Authenticates the client at a token endpoint: by `private_key_jwt` when there is a key (RFC 7523 2.2), with a secret by
 * `client_secret_basic` where the server supports it, else `client_secret_post` (RFC 6749 2.3.1); a public client names itself (3.2.1).
 * @throws UmaError `client_unknown` when the server does not support the method that the credentials need
 */
export async function authenticateClient(
  credentials: ClientCredentials,
  server: AuthorizationServer,
  deps: { readonly clock: Clock; readonly randomness: Randomness },
): Promise<ClientAuthentication> {
  const { clientId, clientSecret, key } = credentials;
  if (key !== undefined) {
    requireMethod('private_key_jwt', server);
    const assertion = await mintClientAssertion(key, { clientId, issuer: server.issuer }, deps);
    return { headers: {}, form: { client_id: clientId, client_assertion_type: ASSERTION_TYPE, client_assertion: assertion } };
  }
  if (clientSecret === undefined) return { headers: {}, form: { client_id: clientId } };
  const method = credentials.secretMethod ?? (supports('client_secret_basic', server) ? 'client_secret_basic' : 'client_secret_post');
  requireMethod(method, server);
  if (method === 'client_secret_post') return { headers: {}, form: { client_id: clientId, client_secret: clientSecret } };
  return { headers: { authorization: `Basic ${btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`)}` }, form: {} };
}

function supports(method: string, { authenticationMethods }: AuthorizationServer): boolean {
  return authenticationMethods.includes(method);
}

function requireMethod(method: string, server: AuthorizationServer): void {
  if (!supports(method, server)) throw new UmaError('client_unknown');
}

/** RFC 6749 2.3.1: identifier and secret are form-encoded before they are joined. */
function formEncode(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
