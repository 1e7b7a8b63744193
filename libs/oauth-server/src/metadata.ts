import type { JsonObject, JsonValue } from '@uma-federation/uma-core';

/** What an authorization server says about itself (RFC 8414 2). Lists may be empty. */
export interface AuthorizationServerParts {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  readonly authorizationEndpoint?: string | undefined;
  readonly introspectionEndpoint?: string | undefined;
  readonly revocationEndpoint?: string | undefined;
  readonly registrationEndpoint?: string | undefined;
  readonly grantTypes: readonly string[];
  readonly responseTypes?: readonly string[] | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly tokenEndpointAuthenticationMethods: readonly string[];
  /** For `private_key_jwt`. */
  readonly tokenEndpointSigningAlgorithms?: readonly string[] | undefined;
  /** draft-ietf-oauth-client-id-metadata-document 5. */
  readonly clientIdMetadataDocuments?: boolean | undefined;
  readonly dpopAlgorithms?: readonly string[] | undefined;
  readonly acrValues?: readonly string[] | undefined;
  readonly codeChallengeMethods?: readonly string[] | undefined;
  /** Members of other specifications under their wire names, for example `permission_endpoint`. */
  readonly extensions?: JsonObject | undefined;
}

/** What metadata says about clients: how they can authenticate themselves and become known. */
export type ClientMetadataParts = Pick<
  AuthorizationServerParts,
  'tokenEndpointAuthenticationMethods' | 'tokenEndpointSigningAlgorithms' | 'clientIdMetadataDocuments' | 'registrationEndpoint'
>;

/**
 * The metadata document of an authorization server (RFC 8414 2, 3.2): absent members and lists without elements are left out.
 * @param parts URLs are the configured public ones
 */
export function authorizationServerMetadata(parts: AuthorizationServerParts): JsonObject {
  const members: Readonly<Record<string, JsonValue | undefined>> = {
    issuer: parts.issuer,
    authorization_endpoint: parts.authorizationEndpoint,
    token_endpoint: parts.tokenEndpoint,
    jwks_uri: parts.jwksUri,
    registration_endpoint: parts.registrationEndpoint,
    introspection_endpoint: parts.introspectionEndpoint,
    revocation_endpoint: parts.revocationEndpoint,
    scopes_supported: parts.scopes,
    response_types_supported: parts.responseTypes,
    grant_types_supported: parts.grantTypes,
    token_endpoint_auth_methods_supported: parts.tokenEndpointAuthenticationMethods,
    token_endpoint_auth_signing_alg_values_supported: parts.tokenEndpointSigningAlgorithms,
    // RFC 8414 2: without the member clients would take it that only client_secret_basic is accepted there.
    revocation_endpoint_auth_methods_supported: parts.revocationEndpoint === undefined ? undefined : parts.tokenEndpointAuthenticationMethods,
    revocation_endpoint_auth_signing_alg_values_supported: parts.revocationEndpoint === undefined ? undefined : parts.tokenEndpointSigningAlgorithms,
    client_id_metadata_document_supported: parts.clientIdMetadataDocuments,
    dpop_signing_alg_values_supported: parts.dpopAlgorithms,
    acr_values_supported: parts.acrValues,
    code_challenge_methods_supported: parts.codeChallengeMethods,
    ...parts.extensions,
  };
  return Object.fromEntries(Object.entries(members).filter((member): member is [string, JsonValue] => isPresent(member[1])));
}

function isPresent(value: JsonValue | undefined): value is JsonValue {
  // RFC 8414 3.2: "Claims with zero elements MUST be omitted from the response."
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}
