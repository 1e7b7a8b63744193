import type { RateLimiter } from '@uma-federation/uma-core';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** A budget per key. */
export interface MemoryRateLimiterOptions {
  /** How often a key may be used within `durationSeconds`. */
  readonly points: number;
  /** Length of a window, which begins with a key's first use. */
  readonly durationSeconds: number;
}

/**
 * Fixed windows, counted in this process: for one replica, or as the local budget when the shared limiter is gone. Time is the library's own clock.
 * One entry per key is kept until its window ends: keys must come from a bounded set, such as an address prefix, not from request data.
 */
export class MemoryRateLimiter implements RateLimiter {
  readonly #limiter: RateLimiterMemory;

  constructor({ points, durationSeconds }: MemoryRateLimiterOptions) {
    this.#limiter = new RateLimiterMemory({ points, duration: durationSeconds });
  }

  async take(key: string): Promise<number | undefined> {
    try {
      await this.#limiter.consume(key);
      return undefined;
    } catch (refusal) {
      // The library rejects with its result when the budget is spent, and with an Error when something is wrong.
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    }
  }
}
