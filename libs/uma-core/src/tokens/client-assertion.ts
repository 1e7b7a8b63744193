import { z } from 'zod';
import type { Issuer } from '../model/ids.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import { CLAIM_RULES, CLOCK_SKEW_SECONDS } from './claim-rules.ts';
import { identifier, numericDate, parseClaims, singleAudience } from './claim-schemas.ts';
import type { VerifyDependencies } from './mint-dependencies.ts';
import { type CompactJws, parseSubjectJws } from './parse-compact-jws.ts';
import { requireSame, requireSignature, requireTimes, requireType } from './token-checks.ts';

/** An assertion of a client about itself, taken apart; nothing of it is verified. */
export interface UnverifiedClientAssertion {
  readonly jws: CompactJws;
  /** `iss` and `sub`. */
  readonly clientId: string;
  /** `jti`; the replay key together with the client id. */
  readonly assertionId: string;
  readonly audience: string;
  readonly times: { readonly iat: number; readonly exp: number; readonly nbf?: number | undefined };
}

/** `client_assertion_type` of RFC 7523 2.2. */
export const JWT_BEARER_ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

// RFC 7523 3: further claims are legal and not looked at.
const assertionClaims = z.object({
  iss: identifier,
  sub: identifier,
  aud: singleAudience,
  exp: numericDate,
  iat: numericDate.optional(),
  nbf: numericDate.optional(),
  jti: identifier,
});

/**
 * Takes a client assertion apart, to learn whose keys to verify it with (RFC 7523 3; RFC 10070).
 * Does not check: the signature, the audience's value, times, that it is used once.
 * @param assertion the JWT; its header has `alg` and `kid`, and may have the `typ` `client-authentication+jwt`
 * @throws TokenFault `malformed` and the other faults of form, `wrong_typ` for another kind of token, `bad_claims` when `iss`, `sub`, `aud`,
 *   `exp` or `jti` is missing, when `aud` has more than one value, or when `iss` and `sub` differ (`wrong_issuer`)
 */
export function readClientAssertion(assertion: string): UnverifiedClientAssertion {
  const jws = parseSubjectJws(assertion);
  requireType(jws, CLAIM_RULES.clientAssertion);
  const { iss, sub, aud, exp, iat, nbf, jti } = parseClaims(assertionClaims, jws.claims);
  // RFC 7523 3: "For client authentication, the subject MUST be the client_id of the OAuth client"; the client speaks for itself.
  requireSame(iss, sub, 'wrong_issuer');
  // Without `iat` the assertion counts from the earliest time that its expiry allows, so `exp` is bounded either way.
  const times = { iat: iat ?? exp - CLAIM_RULES.clientAssertion.maxLifetimeSeconds, exp, nbf };
  return { jws, clientId: sub, assertionId: jti, audience: aud, times };
}

/**
 * Verifies a client assertion (RFC 7523 3; RFC 10070: the audience is the issuer identifier and nothing else).
 * Does not check: that it is used once (the replay guard's), that the client may authenticate this way.
 * @param expected the server's own issuer identifier, and the client's keys
 * @returns NumericDate from which the assertion is refused for its age, skew included: a replay guard may forget it then
 * @throws TokenFault; DiscoveryFailure of the keys, unchanged
 */
export async function verifyClientAssertion(
  { jws, audience, times }: UnverifiedClientAssertion,
  expected: { readonly issuer: Issuer; readonly keys: VerificationKeys },
  dependencies: VerifyDependencies,
): Promise<number> {
  // RFC 10070: neither the token endpoint's URL nor any other name; else an assertion made for one server would do at another.
  requireSame(audience, expected.issuer, 'wrong_audience');
  requireTimes(times, CLAIM_RULES.clientAssertion.maxLifetimeSeconds, dependencies.clock.now());
  await requireSignature(jws, expected.keys, dependencies.signatures);
  return times.exp + CLOCK_SKEW_SECONDS;
}
