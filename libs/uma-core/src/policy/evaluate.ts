import type { IdentityClaims } from '../model/identity-claims.ts';
import type { ShareId } from '../model/ids.ts';
import type { JsonValue } from '../model/json.ts';
import { assuranceGaps } from './assurance-gaps.ts';
import type { Share } from '../model/share.ts';

/** Why a share did or did not let somebody in; stable ids for logs, audit and the owner's page. */
export type PolicyReason =
  | 'matched'
  | 'no_share'
  | 'scope_not_shared'
  | 'not_yet_valid'
  | 'expired'
  | 'not_the_grantee'
  | 'identity_missing'
  | 'acr_missing'
  | 'sign_in_too_old'
  | 'claim_missing'
  | 'claim_differs'
  | 'owner_asked';

/** A claim that would let a share match if it were shown. */
export type NeededClaim =
  | { readonly kind: 'identity' }
  | { readonly kind: 'acr'; readonly values: readonly string[] }
  | { readonly kind: 'auth_time'; readonly maxAgeSeconds: number }
  | { readonly kind: 'claim'; readonly name: string };

/** What one share contributed to a decision. */
export interface DecisionReason {
  readonly share?: ShareId | undefined;
  readonly reason: PolicyReason;
}

/** The owner's answer for one scope of one resource. */
export type PolicyDecision =
  | { readonly outcome: 'permit'; readonly share: Share; readonly reasons: readonly DecisionReason[] }
  /** Nothing is missing but the owner's word. */
  | { readonly outcome: 'ask'; readonly share: Share; readonly reasons: readonly DecisionReason[] }
  | { readonly outcome: 'need'; readonly needed: readonly NeededClaim[]; readonly reasons: readonly DecisionReason[] }
  | { readonly outcome: 'deny'; readonly reasons: readonly DecisionReason[] };

/** What a decision may rest on. `now` is the server's clock (NumericDate); claims live in `identity` and override nothing (A25). */
export interface PolicyFacts {
  readonly now: number;
  readonly identity?: IdentityClaims | undefined;
}

/**
 * Evaluates the owner's shares for one scope. Pure. Absence of a share denies (UMA Grant 5.6; A24).
 * @param shares the shares of one resource
 * @param scope the wanted scope; undefined asks for the resource without any scope (Federated Authorization 4.1: scopes may be empty)
 * @returns `permit` when one share matches; else `ask` when the owner has to be asked; else `need` with the claims that would make a share match;
 *   else `deny`
 */
export function evaluate(shares: readonly Share[], scope: string | undefined, facts: PolicyFacts): PolicyDecision {
  const reasons: DecisionReason[] = [];
  const needed: NeededClaim[] = [];
  let asked: Share | undefined;
  for (const share of shares) {
    const result = evaluateShare(share, scope, facts);
    reasons.push({ share: share.id, reason: result.reason });
    if (result.reason === 'matched') return { outcome: 'permit', share, reasons };
    if (result.reason === 'owner_asked') asked ??= share;
    needed.push(...result.needed);
  }
  if (shares.length === 0) reasons.push({ reason: 'no_share' });
  if (asked !== undefined) return { outcome: 'ask', share: asked, reasons };
  return needed.length > 0 ? { outcome: 'need', needed: distinct(needed), reasons } : { outcome: 'deny', reasons };
}

interface ShareResult {
  readonly reason: PolicyReason;
  readonly needed: readonly NeededClaim[];
}

const refused = (reason: PolicyReason): ShareResult => ({ reason, needed: [] });

function evaluateShare(share: Share, scope: string | undefined, { now, identity }: PolicyFacts): ShareResult {
  if (scope !== undefined && !share.scopes.includes(scope)) return refused('scope_not_shared');
  if (share.notBefore !== undefined && now < share.notBefore) return refused('not_yet_valid');
  if (share.expiresAt !== undefined && now >= share.expiresAt) return refused('expired');
  if (share.grantee.kind === 'unidentified') return { reason: 'matched', needed: [] };
  if (identity === undefined) return { reason: 'identity_missing', needed: [{ kind: 'identity' }] };
  if (!isGrantee(share, identity.email)) return refused('not_the_grantee');
  return evaluateConditions(share, identity, now);
}

/** Exact comparison of canonical addresses: the local part is case sensitive (RFC 5321 2.4; A34). */
function isGrantee({ grantee }: Share, email: string): boolean {
  switch (grantee.kind) {
    case 'person':
      return grantee.email === email;
    case 'domain':
      return email.slice(email.lastIndexOf('@') + 1) === grantee.domain;
    case 'anyone':
    case 'unidentified':
      return true;
  }
}

function evaluateConditions({ conditions }: Share, identity: IdentityClaims, now: number): ShareResult {
  const claims = Object.entries(conditions.claims ?? {});
  // A claim that is present with another value cannot be cured by showing more.
  const differs = claims.some(([name, value]) => Object.hasOwn(identity.claims, name) && !sameJson(identity.claims[name], value));
  if (differs) return refused('claim_differs');
  const missing = claims.filter(([name]) => !Object.hasOwn(identity.claims, name)).map(([name]): NeededClaim => ({ kind: 'claim', name }));
  const gaps = assuranceGaps(conditions, identity, now);
  if (gaps.length > 0) return { reason: gaps.some(({ kind }) => kind === 'acr') ? 'acr_missing' : 'sign_in_too_old', needed: [...gaps, ...missing] };
  if (missing.length > 0) return { reason: 'claim_missing', needed: missing };
  return { reason: conditions.ask === true ? 'owner_asked' : 'matched', needed: [] };
}

function sameJson(left: JsonValue | undefined, right: JsonValue): boolean {
  return canonical(left) === canonical(right);
}

/** JSON text with sorted members, so that equal values have equal text. */
function canonical(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

function distinct(needed: readonly NeededClaim[]): readonly NeededClaim[] {
  return [...new Map(needed.map((claim) => [JSON.stringify(claim), claim])).values()];
}
