import type { SignatureAlgorithm } from '../ports/signatures.ts';

/** How far two clocks may be apart (protocol.md 1.7). */
export const CLOCK_SKEW_SECONDS = 60;

/** The largest token that is looked at (protocol.md 1.7; A54). */
export const MAX_TOKEN_BYTES = 8192;

/** The algorithms that others may sign with, as metadata lists them. */
export const SIGNATURE_ALGORITHMS: readonly SignatureAlgorithm[] = ['ES256', 'EdDSA', 'PS256', 'RS256'];

/** The JWS `typ` of each kind of token: "distinct typ is the only thing separating four kinds signed by the same key" (RFC 8725 3.11, 3.12). */
export const TOKEN_TYPES = {
  permissionTicket: 'uma-ticket+jwt',
  resourceClaims: 'uma-resource-claims+jwt',
  identityClaims: 'uma-identity-claims+jwt',
  /** RFC 9068 2.1: RPTs, PATs and access tokens of identity providers. */
  accessToken: 'at+jwt',
  /** RFC 9449 4.2. */
  dpop: 'dpop+jwt',
  idToken: 'JWT',
  /** RFC 10070. */
  clientAssertion: 'client-authentication+jwt',
} as const;

/** What one kind of token must look like. */
export interface ClaimRule {
  /** Spellings of `typ` that are accepted, compared character by character. */
  readonly types: readonly string[];
  /** The longest time from `iat` to `exp`. */
  readonly maxLifetimeSeconds: number;
}

/** RFC 9068 4: "at+jwt" or "application/at+jwt". */
const ACCESS_TOKEN_TYPES = [TOKEN_TYPES.accessToken, `application/${TOKEN_TYPES.accessToken}`];

/** The table of protocol.md 1.7: one row per kind of token. */
export const CLAIM_RULES = {
  permissionTicket: { types: [TOKEN_TYPES.permissionTicket], maxLifetimeSeconds: 300 },
  /** A ticket of a process that waits for the owner must live as long as the client may poll. */
  pollingPermissionTicket: { types: [TOKEN_TYPES.permissionTicket], maxLifetimeSeconds: 86_400 },
  resourceClaims: { types: [TOKEN_TYPES.resourceClaims], maxLifetimeSeconds: 300 },
  identityClaims: { types: [TOKEN_TYPES.identityClaims], maxLifetimeSeconds: 120 },
  requestingParty: { types: ACCESS_TOKEN_TYPES, maxLifetimeSeconds: 600 },
  protectionApi: { types: ACCESS_TOKEN_TYPES, maxLifetimeSeconds: 3600 },
  /** A proof has no `exp`; it counts as expired this long after `iat` (RFC 9449 11.1). */
  dpop: { types: [TOKEN_TYPES.dpop], maxLifetimeSeconds: 60 },
  subjectAccessToken: { types: ACCESS_TOKEN_TYPES, maxLifetimeSeconds: 86_400 },
  /** OpenID Connect Core leaves `typ` open; a token without `typ` is read as `JWT`. */
  subjectIdToken: { types: [TOKEN_TYPES.idToken], maxLifetimeSeconds: 86_400 },
  /** RFC 10070: a server should not reject the absence of the `typ`; a token without `typ` is read as `JWT`. */
  clientAssertion: {
    types: [TOKEN_TYPES.clientAssertion, `application/${TOKEN_TYPES.clientAssertion}`, TOKEN_TYPES.idToken],
    maxLifetimeSeconds: 300,
  },
} as const satisfies Record<string, ClaimRule>;

/** `sub` of a resource claims token and `act.sub` of an identity claims token: H(ticket.sub), 43 characters. */
export const TICKET_HASH_PATTERN = /^[A-Za-z0-9_-]{43}$/;
