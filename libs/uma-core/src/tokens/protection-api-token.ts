import { z } from 'zod';
import type { ClientId, ConsentId, Issuer, TokenId } from '../model/ids.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import { CLAIM_RULES, TOKEN_TYPES } from './claim-rules.ts';
import { confirmation, identifier, issuerText, numericDate, parseClaims, scopeToken, shortText } from './claim-schemas.ts';
import type { MintDependencies, VerifyDependencies } from './mint-dependencies.ts';
import { lifetimeEnd, type MintedToken, mintToken } from './mint-token.ts';
import { parseCompactJws } from './parse-compact-jws.ts';
import { requireSame, requireSignature, requireTimes, requireType } from './token-checks.ts';

/** What a verified access token for the server's own APIs says: a PAT when `scopes` has `uma_protection`. Times are NumericDates. */
export interface AccessToken {
  readonly tokenId: TokenId;
  readonly subject: string;
  readonly clientId: ClientId;
  readonly scopes: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly confirmationThumbprint?: string | undefined;
  /** A PAT of a person (`subject`): the consent of that owner to the client, which must still be there. */
  readonly consent?: ConsentId | undefined;
}

/** What an access token is to say. */
export interface AccessTokenInput {
  readonly issuer: Issuer;
  readonly audience: string;
  readonly subject: string;
  readonly clientId: ClientId;
  /** Space-separated scopes (RFC 6749 3.3), at least one. */
  readonly scope: string;
  readonly confirmationThumbprint?: string | undefined;
  /** Makes it a PAT of the owner that `subject` names. */
  readonly consent?: ConsentId | undefined;
  /** At most 3600. */
  readonly lifetimeSeconds: number;
}

// RFC 9068 2.2; `scope` and no `permissions`, which is what keeps PAT and RPT apart.
const accessTokenClaims = z.strictObject({
  iss: issuerText,
  aud: z.string().min(1).max(2048),
  sub: shortText,
  client_id: identifier,
  scope: z
    .string()
    .max(1024)
    .transform((scope) => scope.split(' '))
    .pipe(z.array(scopeToken).min(1)),
  iat: numericDate,
  exp: numericDate,
  jti: identifier,
  cnf: confirmation.optional(),
  consent: identifier.optional(),
});

/**
 * Mints an access token for an API of the authorization server itself (RFC 9068; Federated Authorization 1.3: the PAT).
 * @throws RangeError for a lifetime out of bounds
 */
export async function mintAccessToken(input: AccessTokenInput, dependencies: MintDependencies): Promise<MintedToken> {
  const now = dependencies.clock.now();
  const expiresAt = lifetimeEnd(now, input.lifetimeSeconds, CLAIM_RULES.protectionApi.maxLifetimeSeconds);
  const claims = {
    iss: input.issuer,
    aud: input.audience,
    sub: input.subject,
    client_id: input.clientId,
    scope: input.scope,
    cnf: input.confirmationThumbprint === undefined ? undefined : { jkt: input.confirmationThumbprint },
    consent: input.consent,
  };
  return mintToken(TOKEN_TYPES.accessToken, claims, { now, expiresAt }, dependencies);
}

/**
 * Verifies an access token for an API of the authorization server (RFC 9068 4).
 * Does not check: which scope is needed (`insufficient_scope` is the caller's, A28), the DPoP proof, whether the client and the owner's consent
 * still exist.
 * @param expected issuer and audience are both the own issuer for a PAT
 * @throws TokenFault
 */
export async function verifyAccessToken(
  token: string,
  expected: { readonly issuer: Issuer; readonly audience: string; readonly keys: VerificationKeys },
  dependencies: VerifyDependencies,
): Promise<AccessToken> {
  const jws = parseCompactJws(token);
  requireType(jws, CLAIM_RULES.protectionApi);
  const claims = parseClaims(accessTokenClaims, jws.claims);
  requireSame(claims.iss, expected.issuer, 'wrong_issuer');
  await requireSignature(jws, expected.keys, dependencies.signatures);
  requireSame(claims.aud, expected.audience, 'wrong_audience');
  requireTimes(claims, CLAIM_RULES.protectionApi.maxLifetimeSeconds, dependencies.clock.now());
  return {
    tokenId: claims.jti as TokenId,
    subject: claims.sub,
    clientId: claims.client_id as ClientId,
    scopes: claims.scope,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
    confirmationThumbprint: claims.cnf?.jkt,
    consent: claims.consent as ConsentId | undefined,
  };
}
