import { DiscoveryFailure, type Clock } from '@uma-federation/uma-core';
import { LRUCache } from 'lru-cache';

/** A token bucket: `burst` at once, `perMinute` on average. */
export interface BucketLimit {
  readonly burst: number;
  readonly perMinute: number;
}

/** How many unknown domains and issuers are asked, by this process. */
export interface DiscoveryLimits {
  readonly global: BucketLimit;
  readonly perCaller: BucketLimit;
}

/** 10 unknown domains a minute for one caller, 300 for all. */
export const DEFAULT_DISCOVERY_LIMITS: DiscoveryLimits = {
  global: { burst: 100, perMinute: 300 },
  perCaller: { burst: 20, perMinute: 10 },
};

interface Bucket {
  tokens: number;
  refilledAt: number;
}

const MAX_CALLERS = 10_000;

/** Bounds what strangers can make us ask other strangers (protocol.md 8.2 A46). */
export class DiscoveryBudget {
  readonly #clock: Clock;
  readonly #limits: DiscoveryLimits;
  readonly #callers = new LRUCache<string, Bucket>({ max: MAX_CALLERS });
  readonly #global: Bucket;

  constructor(clock: Clock, limits: DiscoveryLimits = DEFAULT_DISCOVERY_LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
    this.#global = this.#full(limits.global);
  }

  /**
   * Takes one discovery from the caller's budget and from everybody's.
   * @param caller who makes us ask, for example a client id; without one only the global budget counts
   * @throws DiscoveryFailure `discovery_budget`, with nothing taken from the global budget when it is the caller's that is empty
   */
  take(caller: string | undefined): void {
    const own = caller === undefined ? undefined : this.#ofCaller(caller);
    this.#refill(this.#global, this.#limits.global);
    if (own !== undefined) this.#refill(own, this.#limits.perCaller);
    if (this.#global.tokens < 1 || (own !== undefined && own.tokens < 1)) throw new DiscoveryFailure('discovery_budget');
    this.#global.tokens -= 1;
    if (own !== undefined) own.tokens -= 1;
  }

  #ofCaller(caller: string): Bucket {
    const bucket = this.#callers.get(caller) ?? this.#full(this.#limits.perCaller);
    this.#callers.set(caller, bucket);
    return bucket;
  }

  #refill(bucket: Bucket, limit: BucketLimit): void {
    const now = this.#clock.now();
    // A clock that is set back refills nothing, and must not stop the refill once it runs on.
    const elapsedSeconds = Math.max(0, now - bucket.refilledAt);
    bucket.tokens = Math.min(limit.burst, bucket.tokens + (elapsedSeconds * limit.perMinute) / 60);
    bucket.refilledAt = now;
  }

  #full(limit: BucketLimit): Bucket {
    return { tokens: limit.burst, refilledAt: this.#clock.now() };
  }
}
