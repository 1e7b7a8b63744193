/** Counts requests per key in a sliding or fixed window. */
export interface RateLimiter {
  /** Takes one point of `key`'s budget: undefined when there was one, else the seconds until there is one again (at least 1). */
  take(key: string): Promise<number | undefined>;
}
