/** Paths below the issuer. */
export const TOKEN_PATH = '/token';
export const JWKS_PATH = '/jwks';
export const REGISTRATION_PATH = '/register';
export const PERMISSION_PATH = '/permission';
export const RESOURCE_REGISTRATION_PATH = '/resource';
export const INTROSPECTION_PATH = '/introspect';
export const REVOCATIONS_PATH = '/revocations';
export const OWNER_PATH = '/owner';
export const OWNER_RESOURCES_PATH = '/owner/resources';
export const OWNER_REQUESTS_PATH = '/owner/requests';
export const REVOCATION_PATH = '/revoke';
export const PERSISTED_CLAIMS_PATH = '/persisted-claims';
export const OWNER_RESOURCE_SERVERS_PATH = '/owner/resource-servers';
