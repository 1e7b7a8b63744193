import { type FaultClass, TokenFault } from '../errors/token-fault.ts';

/**
 * Every reason for which a token is refused, and whether a fresh token could cure it (protocol.md 8.0).
 * The ids are stable: they stand in logs, metrics and documents, never on the wire.
 */
export const TOKEN_FAULTS = {
  // Form
  /** No compact JWS at all: size, number of parts, not canonical base64url. */
  malformed: 'curable',
  /** Header or payload is no strict JSON object: UTF-8, byte order mark, duplicate members, `__proto__`, depth, numbers. */
  bad_json: 'integrity',
  /** `alg` is missing or not one of ES256, EdDSA, PS256, RS256. */
  alg_not_allowed: 'integrity',
  /** `kid` is missing or not 1 to 128 characters of `A-Za-z0-9._~-`. */
  bad_kid: 'integrity',
  /** The header has a member that is not known, or a DPoP key that is no public JWK. */
  bad_header: 'integrity',
  /** `typ` is missing or that of another kind of token. */
  wrong_typ: 'integrity',
  /** A claim is missing, of a wrong type, out of range, or not one that the kind has. */
  bad_claims: 'integrity',
  /** A minted token would be larger than any verifier accepts. */
  too_large: 'integrity',

  // Key and signature
  /** The issuer does not publish a key with this `kid` (for this algorithm). */
  unknown_key: 'curable',
  /** The key's type, curve, size, `use` or `alg` does not fit the algorithm. */
  unfit_key: 'integrity',
  bad_signature: 'integrity',

  // Parties
  /** `iss` is not the expected issuer, or not an acceptable issuer identifier. */
  wrong_issuer: 'integrity',
  wrong_audience: 'integrity',

  // Times
  /** `exp` plus skew has passed; for a mint: what the token would rest on has expired. */
  expired: 'curable',
  /** `nbf` or `iat` is further ahead than the skew. */
  not_yet_valid: 'curable',
  /** `exp - iat` is longer than the kind allows. */
  lifetime_too_long: 'integrity',
  /** `exp` is before `iat` or `nbf`. */
  times_out_of_order: 'integrity',

  // Permission ticket and resource claims token
  /** `ctx` was not sealed by this server, or by another version of this software. */
  bad_context: 'integrity',
  /** `aud` of a resource claims token is no acceptable resource URI. */
  bad_resource_uri: 'integrity',
  /** A resource claims token carries `act` or `may_act`. */
  act_not_allowed: 'integrity',

  // Identity claims token
  /** `sub` is not an e-mail address. */
  bad_email: 'integrity',
  /** `email` is not the address in `sub`. */
  email_mismatch: 'integrity',
  /** `email_verified` is not true. */
  email_unverified: 'curable',
  missing_act: 'integrity',
  /** `act` is no object with a ticket hash as `sub`, or nested too deep. */
  bad_act: 'integrity',
  /** The token carries `ticket_challenge` beside `act`. */
  mixed_binding: 'integrity',
  /** `act.iss` is not the own issuer. */
  wrong_actor_issuer: 'integrity',
  /** `act.aud` does not name the ticket's resource owner. */
  wrong_actor_audience: 'integrity',
  /** `act.sub` or `ticket_challenge` is not the hash of this ticket. */
  binding_mismatch: 'integrity',
  /** `resource` beside a `ticket_challenge` does not name the ticket's resource server. */
  wrong_resource: 'integrity',

  // DPoP proof
  wrong_method: 'integrity',
  wrong_url: 'integrity',
  /** `ath` is not the hash of the access token that came with the proof. */
  wrong_access_token: 'integrity',
} as const satisfies Record<string, FaultClass>;

/** The id of a reason. */
export type TokenFaultReason = keyof typeof TOKEN_FAULTS;

/** The fault with this reason, in its class. `cause` is for logs and holds nothing of the token. */
export function tokenFault(reason: TokenFaultReason, cause?: unknown): TokenFault {
  return new TokenFault(reason, TOKEN_FAULTS[reason], cause === undefined ? undefined : { cause });
}
