import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { CLOCK_SKEW_SECONDS, type Clock, type RequestingPartyToken } from '@uma-federation/uma-core';

/** A verification counts for this long: a permission may end before its token, and a key may be withdrawn. */
const MAX_AGE_SECONDS = 30;

/** Says which tokens were revoked before their time. */
export interface Revocations {
  /** By (issuer, jti), never by the token's text: one token has many spellings (security.md M10). */
  isRevoked(token: Pick<RequestingPartyToken, 'issuer' | 'tokenId'>): boolean;
  /** Whether what it knows is too old to let anybody in by. Absent: never. */
  isStale?(): boolean;
}

/** Tokens whose signature was verified in the last 30 s, by SHA-256 of token, issuer, audience and kind. Only successes are remembered. */
export class VerifiedTokenCache {
  readonly #tokens: LRUCache<string, { readonly token: RequestingPartyToken; readonly verifiedAt: number }> | undefined;
  readonly #clock: Clock;

  /** @param size how many tokens; 0 remembers none */
  constructor(size: number, clock: Clock) {
    this.#tokens = size === 0 ? undefined : new LRUCache({ max: size });
    this.#clock = clock;
  }

  /** The token, if it was verified lately and has not expired since. Does not check revocation. */
  find(key: string): RequestingPartyToken | undefined {
    const entry = this.#tokens?.get(key);
    const now = this.#clock.now();
    if (entry === undefined || now < entry.verifiedAt || now >= entry.verifiedAt + MAX_AGE_SECONDS) return undefined;
    return now < entry.token.expiresAt + CLOCK_SKEW_SECONDS ? entry.token : undefined;
  }

  /** Remembers a token that was verified just now. */
  put(key: string, token: RequestingPartyToken): void {
    this.#tokens?.set(key, { token, verifiedAt: this.#clock.now() });
  }
}

/**
 * Makes the keys under which tokens that were verified for one purpose are in the cache; what was verified for another is not found under them.
 * @returns the key of a token's text
 */
export function verifiedTokenKeys(purpose: { readonly issuer: string; readonly audience: string; readonly typ: string }): (token: string) => string {
  // JSON says itself where it ends, so the token cannot take over any of it.
  const prefix = JSON.stringify([purpose.issuer, purpose.audience, purpose.typ]);
  return (token) => hash('sha256', prefix + token, 'base64');
}
