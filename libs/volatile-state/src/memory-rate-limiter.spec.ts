import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryRateLimiter } from './memory-rate-limiter.ts';

describe('MemoryRateLimiter', () => {
  beforeEach(() => void jest.useFakeTimers({ now: 1_800_000_000_000 }));
  afterEach(() => void jest.useRealTimers());

  it('lets a key use its budget, then says in how many seconds there is more', async () => {
    const limiter = new MemoryRateLimiter({ points: 2, durationSeconds: 10 });
    expect(await limiter.take('key')).toBeUndefined();
    jest.advanceTimersByTime(3500);
    expect(await limiter.take('key')).toBeUndefined();
    expect(await limiter.take('key')).toBe(7);
    jest.advanceTimersByTime(6499);
    expect(await limiter.take('key')).toBe(1);
    jest.advanceTimersByTime(1);
    expect(await limiter.take('key')).toBeUndefined();
  });

  it('counts each key by itself', async () => {
    const limiter = new MemoryRateLimiter({ points: 1, durationSeconds: 10 });
    expect(await limiter.take('one')).toBeUndefined();
    expect(await limiter.take('two')).toBeUndefined();
    expect(await limiter.take('one')).toBe(10);
  });

  it('gives 50 parallel callers no more than the budget', async () => {
    const limiter = new MemoryRateLimiter({ points: 7, durationSeconds: 10 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => limiter.take('key')));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(7);
  });
});
