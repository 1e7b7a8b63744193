import { z } from 'zod';
import type { Issuer, TokenId } from '../model/ids.ts';
import type { ContextSealer } from '../ports/context-sealer.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import { encodeBase64Url } from './base64url.ts';
import { CLAIM_RULES, TOKEN_TYPES } from './claim-rules.ts';
import { identifier, issuerText, numericDate, parseClaims } from './claim-schemas.ts';
import type { MintDependencies, VerifyDependencies } from './mint-dependencies.ts';
import { lifetimeEnd, type MintedToken, mintToken } from './mint-token.ts';
import { parseCompactJws } from './parse-compact-jws.ts';
import { parseTicketContext, serialiseTicketContext, type TicketContext } from './ticket-context.ts';
import { requireSame, requireSignature, requireTimes, requireType } from './token-checks.ts';
import { tokenFault } from './token-faults.ts';

export type { TicketContext, TicketProcess } from './ticket-context.ts';

/** What a verified permission ticket says. Times are NumericDates. */
export interface PermissionTicket {
  readonly issuer: Issuer;
  readonly tokenId: TokenId;
  /** The ticket as it was presented: what the ticket challenge of seed 002 is the hash of. */
  readonly text: string;
  /** The ticket's `sub`: constant within one authorization process (Decision D1). */
  readonly nonce: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly context: TicketContext;
}

/** At least 128 bit in base64url (protocol.md 1.7). */
const nonceText = z.string().regex(/^[A-Za-z0-9_-]{22,86}$/);
const ticketClaims = z.strictObject({
  iss: issuerText,
  aud: issuerText,
  sub: nonceText,
  iat: numericDate,
  nbf: numericDate,
  exp: numericDate,
  jti: identifier,
  ctx: z.string().min(1),
});

/**
 * Mints a permission ticket: signed, opaque, nothing about permissions readable (UMA Grant 1.3; Decisions D1, D2; seed 003).
 * @param input `nonce` is kept on rotation and fresh (256 bit) otherwise; `lifetimeSeconds` is at most 300, or 86,400 within a process
 * @returns the ticket with its `jti`, `exp` and nonce
 * @throws RangeError for a lifetime out of bounds; TokenFault `too_large` when the context does not fit
 */
export async function mintPermissionTicket(
  input: { readonly issuer: Issuer; readonly nonce?: string | undefined; readonly context: TicketContext; readonly lifetimeSeconds: number },
  dependencies: MintDependencies & { readonly sealer: ContextSealer },
): Promise<MintedToken & { readonly nonce: string }> {
  const now = dependencies.clock.now();
  const expiresAt = lifetimeEnd(now, input.lifetimeSeconds, longestLifetimeSeconds(input.context));
  const nonce = input.nonce ?? encodeBase64Url(dependencies.randomness.bytes(32));
  const ctx = await dependencies.sealer.seal(serialiseTicketContext(input.context));
  const claims = { iss: input.issuer, aud: input.issuer, sub: nonce, nbf: now, ctx };
  return { ...(await mintToken(TOKEN_TYPES.permissionTicket, claims, { now, expiresAt }, dependencies)), nonce };
}

/**
 * Verifies a permission ticket of this server (protocol.md 1.7; A4, A17).
 * Does not check: whether it was redeemed before (the ticket ledger's), who presents it, the process deadline.
 * @param token as it was presented
 * @param expected the own issuer and the own keys, previous ones included
 * @returns what it says, context decrypted
 * @throws TokenFault; a ticket past its time has the reason `expired`
 */
export async function verifyPermissionTicket(
  token: string,
  expected: { readonly issuer: Issuer; readonly keys: VerificationKeys },
  dependencies: VerifyDependencies & { readonly sealer: ContextSealer },
): Promise<PermissionTicket> {
  const jws = parseCompactJws(token);
  requireType(jws, CLAIM_RULES.permissionTicket);
  const claims = parseClaims(ticketClaims, jws.claims);
  requireSame(claims.iss, expected.issuer, 'wrong_issuer');
  await requireSignature(jws, expected.keys, dependencies.signatures);
  requireSame(claims.aud, expected.issuer, 'wrong_audience');
  const context = parseTicketContext(await openContext(claims.ctx, dependencies.sealer));
  requireTimes(claims, longestLifetimeSeconds(context), dependencies.clock.now());
  return {
    issuer: expected.issuer,
    tokenId: claims.jti as TokenId,
    text: token,
    nonce: claims.sub,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
    context,
  };
}

async function openContext(sealed: string, sealer: ContextSealer): Promise<string> {
  const text = await sealer.open(sealed);
  if (text === undefined) throw tokenFault('bad_context');
  return text;
}

function longestLifetimeSeconds(context: TicketContext): number {
  const rule = context.process === undefined ? CLAIM_RULES.permissionTicket : CLAIM_RULES.pollingPermissionTicket;
  return rule.maxLifetimeSeconds;
}
