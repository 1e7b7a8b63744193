import type { RateLimiter } from '@uma-federation/uma-core';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Settings of a rate limiter. */
export interface MemoryRateLimiterOptions {
  /** Requests per window and key. */
  readonly points: number;
  readonly durationSeconds: number;
}

/** A fixed-window rate limiter in the memory of one process, on rate-limiter-flexible. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #limiter: RateLimiterMemory;

  constructor(options: MemoryRateLimiterOptions) {
    this.#limiter = new RateLimiterMemory({ points: options.points, duration: options.durationSeconds });
  }

  /** @inheritdoc */
  async take(key: string): Promise<number | undefined> {
    try {
      await this.#limiter.consume(key);
      return undefined;
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      throw refusal;
    }
  }
}
