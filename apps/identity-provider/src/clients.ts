import type { CheckedConfig, ClientConfig } from './config.ts';

/** Name of the development grant in `grant_types` (RFC 6749 4.3.2). */
export const PASSWORD_GRANT = 'password';

/**
 * Client metadata (OpenID Connect Dynamic Client Registration 2) of the configured clients. They get ES256 ID tokens; a client
 * that registers itself and asks for nothing gets RS256, the default of that specification.
 */
export function clientMetadata(config: CheckedConfig): Record<string, unknown>[] {
  const signInClients = config.clients.map(signInClient);
  const known = new Set(config.clients.map(({ clientId }) => clientId));
  const introspectionOnly = config.introspectionClients
    .filter(({ clientId }) => !known.has(clientId))
    .map(({ clientId, clientSecret }) => ({
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [],
      response_types: [],
      grant_types: [],
    }));
  return [...signInClients, ...introspectionOnly];
}

function signInClient(client: ClientConfig): Record<string, unknown> {
  return {
    client_id: client.clientId,
    redirect_uris: client.redirectUris,
    response_types: client.redirectUris.length === 0 ? [] : ['code'],
    grant_types: [...(client.redirectUris.length === 0 ? [] : ['authorization_code', 'refresh_token']), PASSWORD_GRANT],
    id_token_signed_response_alg: 'ES256',
    ...(client.public
      ? { token_endpoint_auth_method: 'none', application_type: nativeOrWeb(client.redirectUris) }
      : { token_endpoint_auth_method: client.tokenEndpointAuthMethod, client_secret: client.clientSecret }),
  };
}

/** RFC 8252 7.3: a native client's loopback redirect URI matches on any port; only native clients get that. */
function nativeOrWeb(redirectUris: readonly string[]): 'native' | 'web' {
  return redirectUris.every((uri) => uri.startsWith('http://')) ? 'native' : 'web';
}
