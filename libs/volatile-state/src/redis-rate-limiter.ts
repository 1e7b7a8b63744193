import type { RateLimiter } from '@uma-federation/uma-core';
import { RateLimiterMemory, RateLimiterRedis } from 'rate-limiter-flexible';
import type { RedisConnection } from '@uma-federation/redis';
import { takePoint } from './take-point.ts';

/** A budget per key, shared by all replicas. */
export interface RedisRateLimiterOptions {
  /** Which budget this is: limiters of the same name count together and must have the same sizes. */
  readonly name: string;
  /** How often a key may be used within `durationSeconds`. */
  readonly points: number;
  /** Length of a window, which begins with a key's first use. A whole number. */
  readonly durationSeconds: number;
  /** What of `points` this replica gives out by itself while Redis does not answer; above 0, at most 1. One point at least. Say 1 / replicas. */
  readonly localShare: number;
  /** Before every key. Default `uma`. */
  readonly keyPrefix?: string | undefined;
}

/**
 * Fixed windows, counted in Redis; while Redis does not answer, counted in this process on a share of the budget, from zero.
 * So an outage neither opens the gate nor shuts it. Keys must come from a bounded set, as for `MemoryRateLimiter`, and are stored as they are.
 */
export class RedisRateLimiter implements RateLimiter {
  readonly #limiter: RateLimiterRedis;

  /**
   * @param redis from `connectRedis`, whose time limit for commands is how long `take` waits before it turns to the local budget
   * @throws RangeError when a size is out of range
   */
  constructor(redis: RedisConnection, { name, points, durationSeconds, localShare, keyPrefix = 'uma' }: RedisRateLimiterOptions) {
    for (const size of [points, durationSeconds]) if (!Number.isSafeInteger(size) || size < 1) throw new RangeError('points and durationSeconds are whole numbers from 1');
    if (!(localShare > 0 && localShare <= 1)) throw new RangeError('localShare is above 0 and at most 1');
    const localPoints = Math.max(1, Math.floor(points * localShare));
    this.#limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: `${keyPrefix}:rate:${name}`,
      points,
      duration: durationSeconds,
      insuranceLimiter: new RateLimiterMemory({ points: localPoints, duration: durationSeconds }),
    });
  }

  take(key: string): Promise<number | undefined> {
    return takePoint(this.#limiter, key);
  }
}
