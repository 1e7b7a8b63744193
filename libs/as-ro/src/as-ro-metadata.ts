import { authorizationServerMetadata, type ClientMetadataParts } from '@uma-federation/oauth-server';
import { CORRELATED_AUTHORIZATION_OAUTH_PROFILE, CORRELATED_AUTHORIZATION_PROFILE, GRANT_TYPES, PROTECTION_SCOPE, type Issuer, type JsonObject } from '@uma-federation/uma-core';
import type { AsRoConfiguration } from './configuration.ts';
import { INTROSPECTION_PATH, JWKS_PATH, OWNER_PATH, PERMISSION_PATH, PERSISTED_CLAIMS_PATH, RESOURCE_REGISTRATION_PATH, REVOCATION_PATH, REVOCATIONS_PATH, TOKEN_PATH } from './paths.ts';

/** The settings that show in the metadata. */
type Features = Pick<AsRoConfiguration, 'oauthProfile' | 'personalProtectionTokens' | 'refreshTokens'>;

/**
 * AS-RO's metadata: RFC 8414 2, UMA Grant 2, Federated Authorization 2; the same document under every well-known name.
 * @param clients how clients can authenticate themselves and become known
 * @param settings what is switched on
 */
export function asRoMetadata(issuer: Issuer, clients: ClientMetadataParts, settings: Features): JsonObject {
  const { oauthProfile, personalProtectionTokens, refreshTokens } = settings;
  return authorizationServerMetadata({
    issuer,
    tokenEndpoint: `${issuer}${TOKEN_PATH}`,
    jwksUri: `${issuer}${JWKS_PATH}`,
    introspectionEndpoint: `${issuer}${INTROSPECTION_PATH}`,
    revocationEndpoint: `${issuer}${REVOCATION_PATH}`,
    grantTypes: [
      GRANT_TYPES.umaTicket,
      GRANT_TYPES.clientCredentials,
      ...(oauthProfile || personalProtectionTokens.enabled ? [GRANT_TYPES.tokenExchange] : []),
      ...(refreshTokens.enabled || personalProtectionTokens.enabled ? [GRANT_TYPES.refreshToken] : []),
    ],
    scopes: [PROTECTION_SCOPE],
    ...clients,
    dpopAlgorithms: ['ES256', 'EdDSA', 'PS256', 'RS256'],
    extensions: {
      permission_endpoint: `${issuer}${PERMISSION_PATH}`,
      resource_registration_endpoint: `${issuer}${RESOURCE_REGISTRATION_PATH}`,
      revocation_feed_endpoint: `${issuer}${REVOCATIONS_PATH}`,
      uma_profiles_supported: [CORRELATED_AUTHORIZATION_PROFILE, ...(oauthProfile ? [CORRELATED_AUTHORIZATION_OAUTH_PROFILE] : [])],
      persisted_claims_endpoint: `${issuer}${PERSISTED_CLAIMS_PATH}`,
      owner_api: `${issuer}${OWNER_PATH}`,
    },
  });
}
