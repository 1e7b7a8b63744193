import type { z } from 'zod';
import { type EmailAddress, parseEmailAddress } from '../model/email-address.ts';
import type { ClientId, Issuer, TokenId } from '../model/ids.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { JsonObject } from '../model/json.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import { CLAIM_RULES, TOKEN_TYPES } from './claim-rules.ts';
import { definedClaims, parseClaims } from './claim-schemas.ts';
import { identityTokenClaims, remainingClaims } from './identity-token-claims.ts';
import type { MintDependencies, VerifyDependencies } from './mint-dependencies.ts';
import { boundedEnd, type MintedToken, mintToken } from './mint-token.ts';
import { type CompactJws, parseCompactJws } from './parse-compact-jws.ts';
import { requireTicketBinding, type ChallengeExpectation } from './ticket-binding.ts';
import { requireSame, requireSignature, requireTimes, requireType } from './token-checks.ts';
import { tokenFault } from './token-faults.ts';

/** What an identity claims token is to say. */
export interface IdentityClaimsInput {
  readonly issuer: Issuer;
  /** The issuer of the resource claims token (seed 003: `aud` = actor_token.iss). */
  readonly audience: Issuer;
  /** Canonical e-mail address of the requesting party, verified by the issuer's domain. */
  readonly email: string;
  /** The client at AS-RqP that asked (Decision D3). */
  readonly clientId: ClientId;
  /** The resource claims token: its `sub` and `iss`; `audience` only when configured (Decision D7); `former` actors of the subject token. */
  readonly actor?: { readonly ticketHash: string; readonly issuer: Issuer; readonly audience?: string | undefined; readonly former?: JsonObject | undefined } | undefined;
  /** Instead of `actor`, in the ticket-challenge dialect (seed 002): H(the ticket string), and what the client calls the resource server. */
  readonly challenge?: { readonly ticketChallenge: string; readonly resource?: string | undefined } | undefined;
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
  /** NumericDate of the authentication event. */
  readonly authTime?: number | undefined;
  /** RFC 7638 thumbprint of the DPoP key that asked (Decision D3). */
  readonly confirmationThumbprint?: string | undefined;
  /** Further claims; a name of the profile's own claims is ignored here. */
  readonly claims?: JsonObject | undefined;
  /** NumericDate: the earliest `exp` of what the token rests on. The token lives at most 120 s. */
  readonly expiresAt: number;
}

/**
 * Mints an identity claims token (seed 003 step 5, seed 002 step 5; protocol.md 1.7).
 * @returns the token; its `exp` is `expiresAt` or 120 s from now, whichever is earlier
 * @throws RangeError unless exactly one of `actor` and `challenge` is there (C5); TokenFault `expired` when `expiresAt` has passed, `too_large` when the claims do not fit
 */
export async function mintIdentityClaimsToken(input: IdentityClaimsInput, dependencies: MintDependencies): Promise<MintedToken> {
  const { actor, challenge } = input;
  if ((actor === undefined) === (challenge === undefined)) throw new RangeError('An identity claims token is bound to its ticket in exactly one way');
  const now = dependencies.clock.now();
  const expiresAt = boundedEnd(now, input.expiresAt, CLAIM_RULES.identityClaims.maxLifetimeSeconds);
  const claims = {
    ...remainingClaims(input.claims ?? {}),
    iss: input.issuer,
    aud: input.audience,
    sub: input.email,
    nbf: now,
    client_id: input.clientId,
    email: input.email,
    email_verified: true,
    act: actor && definedClaims({ sub: actor.ticketHash, iss: actor.issuer, aud: actor.audience, act: actor.former }),
    ticket_challenge: challenge?.ticketChallenge,
    resource: challenge?.resource,
    acr: input.acr,
    amr: input.amr && [...input.amr],
    auth_time: input.authTime,
    cnf: input.confirmationThumbprint === undefined ? undefined : { jkt: input.confirmationThumbprint },
  };
  return mintToken(TOKEN_TYPES.identityClaims, claims, { now, expiresAt }, dependencies);
}

/** An identity claims token that was taken apart and not verified: nothing in it is to be believed. */
export interface UnverifiedIdentityClaims {
  /** `iss` and `sub` as a stranger wrote them. */
  readonly issuer: string;
  readonly subject: string;
  /** `sub` as an address. */
  readonly email: EmailAddress;
  /** The rest, for `verifyIdentityClaimsToken`. */
  readonly read: ReadClaims;
}

/**
 * Who an identity claims token is about, before anything in it is believed (Decision D5: discovery comes first).
 * Does not check: anything but form, `typ` and that `sub` is an e-mail address (A32: before any network).
 * @throws TokenFault; `bad_email` (integrity) when `sub` is no address
 */
export function readIdentityClaimsSubject(token: string): UnverifiedIdentityClaims {
  const read = readClaims(token);
  return { issuer: read.claims.iss, subject: read.claims.sub, email: read.email, read };
}

/** What AS-RO expects of an identity claims token. */
export interface IdentityClaimsExpectation {
  /** The issuer that discovery established for the e-mail domain of `sub`. */
  readonly issuer: Issuer;
  /** The own issuer identifier. */
  readonly audience: Issuer;
  /** H(sub) of the ticket it came with. */
  readonly ticketHash: string;
  /** URIs that name the ticket's resource owner (`mailto:`, `acct:`), for `act.aud`. */
  readonly ownerUris?: readonly string[] | undefined;
  /** What a `ticket_challenge` must be; absent when the presenter may not speak that dialect. */
  readonly challenge?: ChallengeExpectation | undefined;
  readonly keys: VerificationKeys;
}

/**
 * Verifies an identity claims token at AS-RO in the order of protocol.md 1.7 (A5, A6, A13, A14, A30, A51, A52, A56).
 * Does not check: that `jti` is unused (the grant ledger's), who presents it (Decision D3: the caller's), any policy.
 * @param token the token, or what `readIdentityClaimsSubject` made of it
 * @returns the claims; those the profile does not know stay apart in `claims` (A25)
 * @throws TokenFault; `faultClass` says whether a fresh token could cure it (protocol.md 8.0)
 * @throws DiscoveryFailure of the keys, unchanged
 */
export async function verifyIdentityClaimsToken(
  token: string | UnverifiedIdentityClaims,
  expected: IdentityClaimsExpectation,
  dependencies: VerifyDependencies,
): Promise<IdentityClaims> {
  const { jws, claims, email } = typeof token === 'string' ? readClaims(token) : token.read;
  requireSame(claims.iss, expected.issuer, 'wrong_issuer');
  await requireSignature(jws, expected.keys, dependencies.signatures);
  requireSame(claims.aud, expected.audience, 'wrong_audience');
  requireTimes(claims, CLAIM_RULES.identityClaims.maxLifetimeSeconds, dependencies.clock.now());
  const { challenge, ticketHash } = expected;
  requireTicketBinding(jws.claims, { ownIssuer: expected.audience, ownerUris: expected.ownerUris ?? [], ticketHash, challenge });
  if (claims.email !== undefined && parseEmailAddress(claims.email)?.address !== email.address) throw tokenFault('email_mismatch');
  if (claims.email_verified !== true) throw tokenFault('email_unverified');
  return {
    issuer: expected.issuer,
    tokenId: claims.jti as TokenId,
    email: email.address,
    clientId: claims.client_id as ClientId,
    acr: claims.acr,
    amr: claims.amr,
    authTime: claims.auth_time,
    confirmationThumbprint: claims.cnf?.jkt,
    expiresAt: claims.exp,
    claims: remainingClaims(jws.claims),
  };
}

interface ReadClaims {
  readonly jws: CompactJws;
  readonly claims: z.infer<typeof identityTokenClaims>;
  readonly email: EmailAddress;
}

function readClaims(token: string): ReadClaims {
  const jws = parseCompactJws(token);
  requireType(jws, CLAIM_RULES.identityClaims);
  const claims = parseClaims(identityTokenClaims, jws.claims);
  const email = parseEmailAddress(claims.sub);
  if (email === undefined) throw tokenFault('bad_email');
  return { jws, claims, email };
}
