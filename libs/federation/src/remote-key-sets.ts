import { keyFitsAlgorithm, type Clock, type JsonValue, type VerificationKeys } from '@uma-federation/uma-core';
import { LRUCache } from 'lru-cache';
import { DiscoveryBudget, type DiscoveryLimits } from './discovery-budget.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { RemoteKeys } from './remote-keys.ts';
import { usableKeys } from './usable-keys.ts';

const MAX_SETS = 1_000;

/** The keys that clients publish at URLs of their own (RFC 7591 2 `jwks_uri`): each set is kept and refetched as `RemoteKeys` says. */
export class RemoteKeySets {
  readonly #fetch: GuardedFetch;
  readonly #clock: Clock;
  readonly #budget: DiscoveryBudget;
  readonly #sets = new LRUCache<string, RemoteKeys>({ max: MAX_SETS });

  /** @param options.limits budgets for sets that are not known yet */
  constructor(options: { readonly fetch: GuardedFetch; readonly clock: Clock; readonly limits?: DiscoveryLimits | undefined }) {
    this.#fetch = options.fetch;
    this.#clock = options.clock;
    this.#budget = new DiscoveryBudget(options.clock, options.limits);
  }

  /**
   * The keys at a URL; nothing is fetched before one is looked for.
   * @param caller on whose budget a set that is not known is fetched (A46); without one only everybody's counts
   * @returns keys whose `find` throws DiscoveryFailure: the guard's reasons, `jwks_status`, `jwks_malformed`, `discovery_budget`
   */
  at(jwksUri: string, caller?: string): VerificationKeys {
    return {
      find: async (keyId, algorithm) => {
        const known = this.#sets.get(jwksUri);
        // A set takes a place only after the budget let it: URLs that are made up evict no other.
        if (known === undefined) this.#budget.take(caller);
        const keys = known ?? new RemoteKeys(this.#fetch, this.#clock);
        this.#sets.set(jwksUri, keys);
        return keys.find(keyId, algorithm, async () => jwksUri);
      },
    };
  }
}

/**
 * The keys of a JWK Set that is at hand.
 * @throws DiscoveryFailure `jwks_malformed`, `jwks_too_many_keys`; see `usableKeys` for which keys count
 */
export function keysOfSet(jwks: JsonValue): VerificationKeys {
  const keys = usableKeys(jwks);
  return {
    find: async (keyId, algorithm) => {
      const key = keys.get(keyId);
      return key !== undefined && keyFitsAlgorithm(key, algorithm) ? key : undefined;
    },
  };
}
