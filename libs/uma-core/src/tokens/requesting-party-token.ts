import { z } from 'zod';
import type { ClientId, Issuer, TokenId } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { Permission } from '../model/permission.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import { CLAIM_RULES, TOKEN_TYPES } from './claim-rules.ts';
import { authenticationClaims, confirmation, identifier, issuerText, numericDate, parseClaims, shortText } from './claim-schemas.ts';
import type { MintDependencies, VerifyDependencies } from './mint-dependencies.ts';
import { lifetimeEnd, type MintedToken, mintToken } from './mint-token.ts';
import { parseCompactJws } from './parse-compact-jws.ts';
import { fromPermissionClaims, permissionClaim, toPermissionClaims } from './permission-claims.ts';
import { requireSame, requireSignature, requireTimes, requireType } from './token-checks.ts';

/** What a verified RPT says. Times are NumericDates. */
export interface RequestingPartyToken {
  readonly issuer: Issuer;
  readonly tokenId: TokenId;
  /** E-mail address of the requesting party. */
  readonly subject: string;
  readonly clientId: ClientId;
  /** Resource identifier of the resource server. */
  readonly audience: string;
  /** The permissions that hold now; may be empty when each has ended by its own `exp`. */
  readonly permissions: readonly Permission[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly notBefore?: number | undefined;
  readonly acr?: string | undefined;
  readonly authTime?: number | undefined;
  /** RFC 9449 6.1: the token is good only with a proof of this key. */
  readonly confirmationThumbprint?: string | undefined;
  /** Claims of the requesting party that the server passes on, in a namespace of their own (A25). */
  readonly claims?: JsonObject | undefined;
}

/** What an RPT is to say. */
export interface RequestingPartyTokenInput {
  readonly issuer: Issuer;
  readonly audience: string;
  readonly subject: string;
  readonly clientId: ClientId;
  readonly permissions: readonly Permission[];
  readonly acr?: string | undefined;
  /** NumericDate. */
  readonly authTime?: number | undefined;
  readonly confirmationThumbprint?: string | undefined;
  /** At most 600. */
  readonly lifetimeSeconds: number;
  /** The permissions once more, in the words of another dialect; for resource servers that look there. Nothing here reads it. */
  readonly authorization?: JsonObject | undefined;
  readonly claims?: JsonObject | undefined;
}

// RFC 9068 2.2 members; protocol.md 1.7: `permissions` and no `scope`, which is what keeps RPT and PAT apart.
const rptClaims = z.strictObject({
  iss: issuerText,
  aud: z.string().min(1).max(2048),
  sub: shortText,
  client_id: identifier,
  iat: numericDate,
  exp: numericDate,
  nbf: numericDate.optional(),
  jti: identifier,
  permissions: z.array(permissionClaim).min(1),
  acr: authenticationClaims.acr,
  auth_time: authenticationClaims.auth_time,
  cnf: confirmation.optional(),
  authorization: z.record(z.string(), z.custom<JsonObject[string]>(() => true)).optional(),
  claims: z.record(z.string(), z.custom<JsonObject[string]>(() => true)).optional(),
});

/**
 * Mints an RPT: an access token in JWT form with permissions (RFC 9068; UMA Grant 3.3.5; seed 003 step 7).
 * @throws RangeError for a lifetime out of bounds; TokenFault `too_large`
 */
export async function mintRequestingPartyToken(input: RequestingPartyTokenInput, dependencies: MintDependencies): Promise<MintedToken> {
  const now = dependencies.clock.now();
  const expiresAt = lifetimeEnd(now, input.lifetimeSeconds, CLAIM_RULES.requestingParty.maxLifetimeSeconds);
  const claims = {
    iss: input.issuer,
    aud: input.audience,
    sub: input.subject,
    client_id: input.clientId,
    permissions: toPermissionClaims(input.permissions),
    acr: input.acr,
    auth_time: input.authTime,
    cnf: input.confirmationThumbprint === undefined ? undefined : { jkt: input.confirmationThumbprint },
    authorization: input.authorization,
    claims: input.claims,
  };
  return mintToken(TOKEN_TYPES.accessToken, claims, { now, expiresAt }, dependencies);
}

/**
 * Verifies an RPT at the resource server (RFC 9068 4; A3, A4, A50, A56).
 * Does not check: revocation, the DPoP proof, whether the permissions cover the request.
 * @param expected the AS-RO, the RS's own resource identifier (exactly one string in `aud`), the AS-RO's keys
 * @throws TokenFault; DiscoveryFailure of the keys, unchanged
 */
export async function verifyRequestingPartyToken(
  token: string,
  expected: { readonly issuer: Issuer; readonly audience: string; readonly keys: VerificationKeys },
  dependencies: VerifyDependencies,
): Promise<RequestingPartyToken> {
  const claims = await readClaims(token, expected, dependencies);
  requireSame(claims.aud, expected.audience, 'wrong_audience');
  const now = dependencies.clock.now();
  requireTimes(claims, CLAIM_RULES.requestingParty.maxLifetimeSeconds, now);
  return toToken(claims, expected.issuer, now);
}

/**
 * Reads an RPT that this server has issued itself, whatever became of it: for upgrading and revoking (UMA Grant 3.3.1 `rpt`; RFC 7009 2.1).
 * Does not check: audience, times, revocation, who presents it.
 * @throws TokenFault for anything but an RPT under an own key
 */
export async function readOwnRequestingPartyToken(
  token: string,
  own: { readonly issuer: Issuer; readonly keys: VerificationKeys },
  dependencies: VerifyDependencies,
): Promise<RequestingPartyToken> {
  const claims = await readClaims(token, own, dependencies);
  return toToken(claims, own.issuer, claims.iat);
}

async function readClaims(token: string, { issuer, keys }: { readonly issuer: Issuer; readonly keys: VerificationKeys }, { signatures }: VerifyDependencies) {
  const jws = parseCompactJws(token);
  requireType(jws, CLAIM_RULES.requestingParty);
  const claims = parseClaims(rptClaims, jws.claims);
  requireSame(claims.iss, issuer, 'wrong_issuer');
  await requireSignature(jws, keys, signatures);
  return claims;
}

function toToken(claims: z.infer<typeof rptClaims>, issuer: Issuer, now: number): RequestingPartyToken {
  return {
    issuer,
    tokenId: claims.jti as TokenId,
    subject: claims.sub,
    clientId: claims.client_id as ClientId,
    audience: claims.aud,
    permissions: fromPermissionClaims(claims.permissions, now),
    issuedAt: claims.iat,
    expiresAt: claims.exp,
    notBefore: claims.nbf,
    acr: claims.acr,
    authTime: claims.auth_time,
    confirmationThumbprint: claims.cnf?.jkt,
    claims: claims.claims,
  };
}
