/** Injection tokens of AS-RO; each is bound exactly once, in `as-ro.module.ts`. */
export const RESOURCE_REGISTRATION = Symbol('ResourceRegistration');
export const TICKET_ISSUING = Symbol('TicketIssuing');
export const INTROSPECTION = Symbol('Introspection');
export const REVOCATIONS = Symbol('Revocations');
export const SHARING = Symbol('Sharing');
export const RESOURCE_SERVERS = Symbol('ResourceServerAuthentication');
export const OWNERS = Symbol('OwnerAuthentication');
export const TICKET_RATE_LIMITER = Symbol('TicketRateLimiter');
export const ISSUER = Symbol('Issuer');
export const SHUTDOWN = Symbol('Shutdown');
