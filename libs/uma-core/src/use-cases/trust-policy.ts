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
