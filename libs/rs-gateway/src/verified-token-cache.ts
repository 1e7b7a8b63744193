import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { CLOCK_SKEW_SECONDS, type Clock, type RequestingPartyToken } from '@uma-federation/uma-core';

/** A verification counts for this long: a permission may end before its token, and a key may be withdrawn. */
const MAX_AGE_SECONDS = 30;

/** Says which tokens were revoked before their time. */
export interface Revocations {
  /** By (issuer, jti), never by the token's text: one token has many spellings (security.md M10). */
  isRevoked(token: Pick<RequestingPartyToken, 'issuer' | 'tokenId'>): boolean;
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

/** The key of a token in the cache; all parts count, so that what was verified for one purpose is not found for another. */
export function verifiedTokenKey(parts: { readonly token: string; readonly issuer: string; readonly audience: string; readonly typ: string }): string {
  return createHash('sha256').update(JSON.stringify([parts.token, parts.issuer, parts.audience, parts.typ])).digest('base64');
}
