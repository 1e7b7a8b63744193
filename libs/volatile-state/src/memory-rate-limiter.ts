import type { RateLimiter } from '@uma-federation/uma-core';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { takePoint } from './take-point.ts';

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

  take(key: string): Promise<number | undefined> {
    return takePoint(this.#limiter, key);
  }
}
