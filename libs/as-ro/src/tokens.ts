/** Injection tokens of AS-RO; each is bound exactly once, in `as-ro.module.ts`. */
export const RESOURCE_REGISTRATION = Symbol('ResourceRegistration');
export const BUS_REQUEST_LOG = Symbol('BusRequestLog');
export const PROTECTION_API = Symbol('ProtectionApi');
export const SHARING = Symbol('Sharing');
export const CONSENTS = Symbol('ConsentKeeping');
export const RESOURCE_SERVERS = Symbol('ResourceServerAuthentication');
export const OWNERS = Symbol('OwnerAuthentication');
export const ISSUER = Symbol('Issuer');
export const SHUTDOWN = Symbol('Shutdown');
export const OWNER_REQUESTS = Symbol('RequestDeciding');
export const OWN_RESOURCES = Symbol('OwnResourceAuthentication');
export const PERSISTED_CLAIMS = Symbol('PersistedClaimsStore');
export const TOKEN_REVOCATION = Symbol('TokenRevocationEndpoint');
