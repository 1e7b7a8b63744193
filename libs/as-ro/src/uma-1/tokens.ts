/** Injection tokens of the facade; each is bound exactly once, in `uma-1-facade.ts`. */
export const UMA_1_CLIENTS = Symbol('Uma1Clients');
export const UMA_1_RESOURCE_SERVERS = Symbol('Uma1ResourceServers');
export const UMA_1_AUTHORIZATION_API = Symbol('Uma1AuthorizationApi');
export const UMA_1_PROTECTION_API = Symbol('Uma1ProtectionApi');
export const UMA_1_RESOURCE_SETS = Symbol('Uma1ResourceSets');
export const UMA_1_VERSION = Symbol('Uma1Version');
