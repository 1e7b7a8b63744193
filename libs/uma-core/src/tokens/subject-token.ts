import { z } from 'zod';
import type { JsonObject } from '../model/json.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import type { SubjectClaims } from '../ports/subject-tokens.ts';
import { isActorChain } from './actor-claim.ts';
import { CLAIM_RULES } from './claim-rules.ts';
import { authenticationClaims, confirmation, identifier, issuerText, numericDate, parseClaims, shortText, singleAudience } from './claim-schemas.ts';
import type { VerifyDependencies } from './mint-dependencies.ts';
import { type CompactJws, parseSubjectJws } from './parse-compact-jws.ts';
import { requireSame, requireSignature, requireTimes, requireType } from './token-checks.ts';
import { tokenFault } from './token-faults.ts';

const actorObject = z.custom<JsonObject>((value) => isActorChain(value as JsonObject, 2));
const subjectClaims = {
  iss: issuerText,
  sub: shortText,
  iat: numericDate,
  exp: numericDate,
  nbf: numericDate.optional(),
  email: z.string().max(320).optional(),
  email_verified: z.boolean().optional(),
  ...authenticationClaims,
  cnf: confirmation.optional(),
  may_act: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)).optional(),
  act: actorObject.optional(),
};
// Other people's tokens: further claims are legal and not looked at.
const accessTokenClaims = z.object({
  ...subjectClaims,
  aud: z.union([shortText, z.array(shortText).min(1).max(16)]).transform((audience) => (typeof audience === 'string' ? [audience] : audience)),
  client_id: identifier,
  jti: identifier,
});
const idTokenClaims = z.object({ ...subjectClaims, aud: singleAudience, azp: identifier.optional(), jti: identifier.optional() });

/**
 * Verifies an access token in JWT form of a configured identity provider (RFC 9068 4).
 * Does not check: revocation, that it was issued to the presenting client (`clientId`), the DPoP proof, `may_act`, the e-mail domain.
 * @param token the token, or what `unverifiedIssuer` made of it
 * @param expected the provider, and the resource identifier that `aud` must contain
 * @throws TokenFault; DiscoveryFailure of the keys, unchanged
 */
export async function verifySubjectAccessToken(
  token: string | CompactJws,
  expected: { readonly issuer: string; readonly audience: string; readonly keys: VerificationKeys },
  dependencies: VerifyDependencies,
): Promise<SubjectClaims> {
  const jws = typeof token === 'string' ? parseSubjectJws(token) : token;
  requireType(jws, CLAIM_RULES.subjectAccessToken);
  const claims = parseClaims(accessTokenClaims, jws.claims);
  requireSame(claims.iss, expected.issuer, 'wrong_issuer');
  await requireSignature(jws, expected.keys, dependencies.signatures);
  if (!claims.aud.includes(expected.audience)) throw tokenFault('wrong_audience');
  requireTimes(claims, CLAIM_RULES.subjectAccessToken.maxLifetimeSeconds, dependencies.clock.now());
  return toSubjectClaims(claims, claims.client_id);
}

/**
 * Verifies an ID token of a configured identity provider (OpenID Connect Core 3.1.3.7).
 * Does not check: `nonce`, `at_hash`, the age of the authentication, the e-mail domain.
 * @param token the token, or what `unverifiedIssuer` made of it
 * @param expected the provider, and the client that must be the only audience
 * @throws TokenFault; DiscoveryFailure of the keys, unchanged
 */
export async function verifySubjectIdToken(
  token: string | CompactJws,
  expected: { readonly issuer: string; readonly clientId: string; readonly keys: VerificationKeys },
  dependencies: VerifyDependencies,
): Promise<SubjectClaims> {
  const jws = typeof token === 'string' ? parseSubjectJws(token) : token;
  requireType(jws, CLAIM_RULES.subjectIdToken);
  const claims = parseClaims(idTokenClaims, jws.claims);
  requireSame(claims.iss, expected.issuer, 'wrong_issuer');
  await requireSignature(jws, expected.keys, dependencies.signatures);
  requireSame(claims.aud, expected.clientId, 'wrong_audience');
  // OpenID Connect Core 3.1.3.7 step 5: "If an azp Claim is present, the Client SHOULD verify that its client_id is the Claim Value."
  requireSame(claims.azp ?? expected.clientId, expected.clientId, 'wrong_audience');
  requireTimes(claims, CLAIM_RULES.subjectIdToken.maxLifetimeSeconds, dependencies.clock.now());
  return toSubjectClaims(claims, expected.clientId);
}

type ProviderClaims = Omit<z.infer<typeof idTokenClaims>, 'aud' | 'azp'>;

function toSubjectClaims(claims: ProviderClaims, clientId: string): SubjectClaims {
  return {
    issuer: claims.iss,
    subject: claims.sub,
    email: claims.email,
    emailVerified: claims.email_verified === true,
    clientId,
    acr: claims.acr,
    amr: claims.amr,
    authTime: claims.auth_time,
    confirmationThumbprint: claims.cnf?.jkt,
    expiresAt: claims.exp,
    tokenId: claims.jti,
    mayAct: claims.may_act,
    act: claims.act,
  };
}
