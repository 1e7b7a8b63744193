import { parseEmailAddress } from '../model/email-address.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';

/** Whom a domain deals with (Decision D5). Entries are issuer identifiers or e-mail domains (A-labels), compared whole. */
export interface TrustPolicy {
  /** `open`: everybody whom discovery proves; `allowlist`: only the listed. */
  readonly mode: 'open' | 'allowlist';
  readonly allow: readonly string[];
  /** Wins over everything. */
  readonly deny: readonly string[];
}

/** Whether policy lets this issuer or domain in. Proves nothing about its identity. */
export function isTrusted(party: string, policy: TrustPolicy): boolean {
  return !policy.deny.includes(party) && (policy.mode === 'open' || policy.allow.includes(party));
}

/** D5: whether identities of an e-mail domain (A-label) are taken from this issuer. Proves nothing about either. */
export function isTrustedVoucher(issuer: string, domain: string, policy: TrustPolicy): boolean {
  if (policy.deny.includes(issuer) || policy.deny.includes(domain)) return false;
  return isTrusted(domain, policy) || policy.allow.includes(issuer);
}

/** D5: whether policy, as it is now, takes identities of this person's domain from the issuer that vouched for them. */
export function isTrustedIdentity({ issuer, email }: Pick<IdentityClaims, 'issuer' | 'email'>, policy: TrustPolicy): boolean {
  const domain = parseEmailAddress(email)?.domain;
  return domain !== undefined && isTrustedVoucher(issuer, domain, policy);
}
