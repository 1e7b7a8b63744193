import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';

/**
 * Takes one point of a key's budget.
 * @returns undefined when there was one, else the whole seconds until there is one again (at least 1)
 * @throws what went wrong inside the limiter
 */
export async function takePoint(limiter: RateLimiterAbstract, key: string): Promise<number | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (refusal) {
    // The library rejects with its result when the budget is spent, and with an Error when something is wrong.
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
  }
}
