import { authorizationServerMetadata } from '@uma-federation/oauth-server';
import { GRANT_TYPES, PROTECTION_SCOPE, SIGNATURE_ALGORITHMS, type Issuer, type JsonObject } from '@uma-federation/uma-core';
import type { KeycloakPaths } from './keycloak-paths.ts';

/**
 * The well-known document of the realm. Its `issuer` is AS-RO's own, as in every token: a second name for the same keys would make two servers
 * of one in the eyes of others. People sign in at their OpenID Provider, so there is no authorization endpoint.
 */
export function keycloakMetadata(issuer: Issuer, paths: KeycloakPaths, tokenEndpointAuthenticationMethods: readonly string[]): JsonObject {
  return authorizationServerMetadata({
    issuer,
    tokenEndpoint: `${issuer}${paths.token}`,
    jwksUri: `${issuer}${paths.keys}`,
    introspectionEndpoint: `${issuer}${paths.introspection}`,
    grantTypes: [GRANT_TYPES.umaTicket, GRANT_TYPES.clientCredentials],
    scopes: [PROTECTION_SCOPE],
    tokenEndpointAuthenticationMethods,
    tokenEndpointSigningAlgorithms: SIGNATURE_ALGORITHMS,
    dpopAlgorithms: ['ES256', 'EdDSA', 'PS256', 'RS256'],
    extensions: {
      // What Keycloak's Java client reads; the other is the name of RFC 8414.
      token_introspection_endpoint: `${issuer}${paths.introspection}`,
      resource_registration_endpoint: `${issuer}${paths.resources}`,
      permission_endpoint: `${issuer}${paths.permission}`,
    },
  });
}
