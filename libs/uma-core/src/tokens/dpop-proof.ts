import { z } from 'zod';
import { normalPath } from '../model/normal-path.ts';
import type { Clock } from '../ports/clock.ts';
import type { Randomness } from '../ports/randomness.ts';
import { encodeBase64Url, encodeUtf8 } from './base64url.ts';
import { CLAIM_RULES, CLOCK_SKEW_SECONDS } from './claim-rules.ts';
import { definedClaims, identifier, numericDate, parseClaims } from './claim-schemas.ts';
import type { DpopKey } from './dpop-key.ts';
import { jwkThumbprint } from './jwk-thumbprint.ts';
import { keyFitsAlgorithm } from './key-fits-algorithm.ts';
import type { VerifyDependencies } from './mint-dependencies.ts';
import { parseDpopJws } from './parse-compact-jws.ts';
import type { Sha256 } from '../ports/sha-256.ts';
import { equalInConstantTime, sha256 } from './ticket-hash.ts';
import { requireSame, requireTimes, requireType } from './token-checks.ts';
import { tokenFault } from './token-faults.ts';

/** The request that a proof is for. */
export interface DpopRequest {
  /** HTTP method, compared exactly. */
  readonly method: string;
  /** The URL that is called; query and fragment are left out of the proof. */
  readonly url: string;
  /** The access token that goes with the request, if one does. */
  readonly accessToken?: string | undefined;
}

/** What a verified proof says. */
export interface DpopProof {
  /** RFC 7638 SHA-256 thumbprint of the proven key. */
  readonly thumbprint: string;
  /** `jti`; the replay key together with the thumbprint. */
  readonly proofId: string;
  /** NumericDate. */
  readonly issuedAt: number;
  /** NumericDate from which the proof is refused for its age, skew included: a replay guard may forget it then. */
  readonly expiresAt: number;
}

const proofClaims = z.object({
  jti: identifier,
  htm: z.string().min(1).max(32),
  htu: z.string().min(1).max(4096),
  iat: numericDate,
  exp: numericDate.optional(),
  nbf: numericDate.optional(),
  ath: z.string().max(64).optional(),
});

/**
 * Mints a DPoP proof (RFC 9449 4.2).
 * @param request the request; `nonce` is the last one the server gave, if any
 * @param dependencies the key, a clock and randomness (128 bit for `jti`)
 * @returns the proof, for the `DPoP` header
 */
export async function mintDpopProof(
  request: DpopRequest & { readonly nonce?: string | undefined },
  dependencies: { readonly key: DpopKey; readonly clock: Clock; readonly randomness: Randomness },
): Promise<string> {
  return dependencies.key.sign(
    definedClaims({
      jti: encodeBase64Url(dependencies.randomness.bytes(16)),
      htm: request.method,
      htu: withoutQuery(request.url),
      iat: dependencies.clock.now(),
      ath: request.accessToken === undefined ? undefined : await accessTokenHash(request.accessToken),
      nonce: request.nonce,
    }),
  );
}

/**
 * Verifies a DPoP proof (RFC 9449 4.3 steps 2 to 12, without nonces).
 * Does not check: replay (the replay guard's), that there was exactly one DPoP header, that the key is the one an access token is bound to.
 * @param expected the request as the server received it; with `accessToken`, `ath` is required
 * @returns the key's thumbprint, `jti` and times
 * @throws TokenFault; `expired` for a proof older than 60 s plus skew, `not_yet_valid` for one from more than 60 s ahead
 */
export async function verifyDpopProof(proof: string, expected: DpopRequest, dependencies: VerifyDependencies): Promise<DpopProof> {
  const jws = parseDpopJws(proof);
  requireType(jws, CLAIM_RULES.dpop);
  const claims = parseClaims(proofClaims, jws.claims);
  const { alg, jwk } = jws.header;
  if (!keyFitsAlgorithm(jwk, alg)) throw tokenFault('unfit_key');
  if (!(await dependencies.signatures.verify(alg, jwk, jws.signingInput, jws.signature))) throw tokenFault('bad_signature');
  requireSame(claims.htm, expected.method, 'wrong_method');
  // RFC 9449 4.3 step 9: "ignoring any query and fragment parts", after syntax-based normalisation.
  requireSame(withoutQuery(claims.htu), withoutQuery(expected.url), 'wrong_url');
  const lastSecond = claims.iat + CLAIM_RULES.dpop.maxLifetimeSeconds;
  const exp = Math.min(claims.exp ?? lastSecond, lastSecond);
  requireTimes({ iat: claims.iat, exp, nbf: claims.nbf }, CLAIM_RULES.dpop.maxLifetimeSeconds, dependencies.clock.now());
  if (expected.accessToken !== undefined && !equalInConstantTime(claims.ath ?? '', await accessTokenHash(expected.accessToken, dependencies.sha256))) {
    throw tokenFault('wrong_access_token');
  }
  return { thumbprint: await jwkThumbprint(jwk, dependencies.sha256), proofId: claims.jti, issuedAt: claims.iat, expiresAt: exp + CLOCK_SKEW_SECONDS };
}

/** RFC 9449 4.2: `ath` is the base64url SHA-256 of the ASCII access token. */
async function accessTokenHash(accessToken: string, digest: Sha256 = sha256): Promise<string> {
  return encodeBase64Url(await digest(encodeUtf8(accessToken)));
}

function withoutQuery(text: string): string {
  if (!URL.canParse(text)) throw tokenFault('wrong_url');
  const url = new URL(text);
  // RFC 9449 4.3: "syntax-based normalization" before the comparison.
  return `${url.origin}${normalPath(url.pathname)}`;
}
