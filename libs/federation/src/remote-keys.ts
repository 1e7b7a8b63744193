import { DiscoveryFailure, keyFitsAlgorithm, type Clock, type PublicJwk, type SignatureAlgorithm } from '@uma-federation/uma-core';
import { cacheLifetimeSeconds } from './cache-lifetime.ts';
import type { GuardedResponse } from './guarded-fetch.ts';
import { usableKeys } from './usable-keys.ts';

/** Fetches one JSON document. Throws DiscoveryFailure. */
export type FetchJson = (url: string, request: { readonly accept: readonly string[] }) => Promise<GuardedResponse>;

const LIFETIME_CAP_SECONDS = 3600;
const REFETCH_PAUSE_SECONDS = 60;
const NEGATIVE_SECONDS = 60;

/**
 * The keys of one issuer (protocol.md 6.3, 8.2 A44): kept for `Cache-Control: max-age` (10 minutes without, at most 1 hour), fetched by
 * one request however many callers wait, refetched for an unknown key id at most once in 60 s, and not asked for again within 60 s
 * after a failure.
 */
export class RemoteKeys {
  readonly #fetch: FetchJson;
  readonly #clock: Clock;
  readonly #negativeSeconds: number;
  #keys: ReadonlyMap<string, PublicJwk> = new Map();
  #freshUntil = -Infinity;
  #nextRefetchAt = -Infinity;
  #failure: { readonly reason: string; readonly until: number } | undefined;
  #flight: Promise<void> | undefined;

  /** @param negativeSeconds for how long a failure is remembered, so that nobody is asked again */
  constructor(fetch: FetchJson, clock: Clock, negativeSeconds: number = NEGATIVE_SECONDS) {
    this.#fetch = fetch;
    this.#clock = clock;
    this.#negativeSeconds = negativeSeconds;
  }

  /**
   * The key with this id if it may verify this algorithm, else undefined.
   * @param jwksUri called only when the set has to be fetched: the `jwks_uri` of the issuer's own metadata (A45)
   * @throws DiscoveryFailure when the set cannot be had; keys that are known and fresh stay usable when a refetch fails
   */
  async find(keyId: string, algorithm: SignatureAlgorithm, jwksUri: () => Promise<string>): Promise<PublicJwk | undefined> {
    if (this.#mustFetch(keyId)) {
      const url = await jwksUri();
      // Others may have fetched while the URL was looked up.
      if (this.#flight !== undefined || this.#mustFetch(keyId)) await this.#join(url);
    }
    const key = this.#keys.get(keyId);
    return key !== undefined && keyFitsAlgorithm(key, algorithm) ? key : undefined;
  }

  #mustFetch(keyId: string): boolean {
    const now = this.#clock.now();
    if (now < this.#freshUntil) return !this.#keys.has(keyId) && now >= this.#nextRefetchAt;
    if (this.#failure !== undefined && now < this.#failure.until) throw new DiscoveryFailure(this.#failure.reason);
    return true;
  }

  async #join(url: string): Promise<void> {
    this.#flight ??= this.#refresh(url).finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #refresh(url: string): Promise<void> {
    const now = this.#clock.now();
    const isRefetch = now < this.#freshUntil;
    if (isRefetch) this.#nextRefetchAt = now + REFETCH_PAUSE_SECONDS;
    try {
      const answer = await this.#fetch(url, { accept: ['application/jwk-set+json', 'application/json'] });
      if (answer.status !== 200) throw new DiscoveryFailure('jwks_status');
      this.#keys = usableKeys(answer.json);
      this.#freshUntil = this.#clock.now() + cacheLifetimeSeconds(answer.headers, LIFETIME_CAP_SECONDS);
      this.#failure = undefined;
    } catch (error) {
      if (error instanceof DiscoveryFailure && !isRefetch) {
        this.#keys = new Map();
        this.#failure = { reason: error.reason, until: this.#clock.now() + this.#negativeSeconds };
      }
      throw error;
    }
  }
}
