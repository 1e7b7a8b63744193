import { authorizationServerMetadata, type ClientMetadataParts } from '@uma-federation/oauth-server';
import { GRANT_TYPES, TOKEN_TYPE_URNS, type Issuer, type JsonObject } from '@uma-federation/uma-core';
import { JWKS_PATH, TOKEN_PATH } from './paths.ts';

/**
 * AS-RqP's metadata (RFC 8414 2; protocol.md 6.3).
 * `response_types_supported`, which RFC 8414 2 requires, is left out: this server has no authorization endpoint, so the list has no
 * elements, and RFC 8414 3.2 says "Claims with zero elements MUST be omitted from the response."
 * @param clients how clients can authenticate themselves and become known
 * @param identityProviders issuers at which the domain's people sign in; published for clients that start from an e-mail address
 */
export function asRqpMetadata(issuer: Issuer, clients: ClientMetadataParts, identityProviders: readonly string[]): JsonObject {
  return authorizationServerMetadata({
    issuer,
    tokenEndpoint: `${issuer}${TOKEN_PATH}`,
    jwksUri: `${issuer}${JWKS_PATH}`,
    grantTypes: [GRANT_TYPES.tokenExchange],
    ...clients,
    dpopAlgorithms: ['ES256', 'EdDSA', 'PS256', 'RS256'],
    extensions: {
      identity_chaining_requested_token_types_supported: [TOKEN_TYPE_URNS.jwt],
      identity_providers: identityProviders,
    },
  });
}
