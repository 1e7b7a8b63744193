import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { connectRedis, openRedis, redisAt, type RedisConnection, type RedisConnectionOptions } from '@uma-federation/redis';
import { startTestRedis, type TestRedis, until } from '@uma-federation/testing';
import { Redis } from 'ioredis';
import { RedisRateLimiter } from '../src/index.ts';

const started = await startTestRedis();
// Where there is none, nothing below is run.
const redis = started as TestRedis;

// Without a Redis (no Docker, no UMA_TEST_REDIS_URL) it is skipped; `startTestRedis` has said so.
(started === undefined ? describe.skip : describe)('RedisRateLimiter', () => {
  const opened: RedisConnection[] = [];
  const keyPrefix = `test-${randomUUID()}`;
  const budget = { name: 'source', points: 10, durationSeconds: 60, localShare: 0.3, keyPrefix };

  afterEach(() => {
    for (const connection of opened.splice(0)) connection.disconnect();
  });
  afterAll(() => redis.stop());

  async function limiter(more: Partial<typeof budget> = {}, options: Partial<RedisConnectionOptions> = {}): Promise<RedisRateLimiter> {
    const connection = connectRedis({ ...redisAt(redis.url), ...options }, { name: 'test' });
    opened.push(connection);
    await openRedis([connection]);
    return new RedisRateLimiter(connection, { ...budget, ...more });
  }

  /** How many of 50 parallel callers, spread over the limiters, get a point. */
  async function given(limiters: readonly [RedisRateLimiter, ...RedisRateLimiter[]], key: string = randomUUID()): Promise<number> {
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => (limiters[n % limiters.length] ?? limiters[0]).take(key)));
    for (const answer of answers) if (answer !== undefined) expect([59, 60]).toContain(answer);
    return answers.filter((answer) => answer === undefined).length;
  }

  it('gives 50 parallel callers of two replicas no more than the one budget', async () => {
    expect(await given([await limiter(), await limiter()])).toBe(10);
  });

  it('counts keys and names apart', async () => {
    const [one, other] = [await limiter({ points: 1 }), await limiter({ points: 1, name: 'other' })];
    expect([await one.take('a'), await one.take('b'), await other.take('a')]).toEqual([undefined, undefined, undefined]);
    expect(await one.take('a')).toBeGreaterThanOrEqual(59);
  });

  it('gives a new budget when the window is over, and said when', async () => {
    const limiting = await limiter({ points: 1, durationSeconds: 1, name: 'short' });
    expect(await limiting.take('key')).toBeUndefined();
    expect(await limiting.take('key')).toBe(1);
    await until('there is a new budget', async () => (await limiting.take('key')) === undefined);
  });

  it('falls back to the local share of the budget when Redis is paused, within a second, and shares again when it is back', async () => {
    const [one, two] = [await limiter(), await limiter()];
    expect(await given([one, two])).toBe(10);
    await redis.pause();
    try {
      const startedAt = performance.now();
      const key = randomUUID();
      expect(await Promise.all([given([one], key), given([two], key)])).toEqual([3, 3]);
      expect(performance.now() - startedAt).toBeLessThan(1000);
      expect(await given([one], key)).toBe(0);
    } finally {
      await redis.unpause();
    }
    await until('the whole budget is there', async () => (await given([one])) === 10 && (await given([two])) === 10);
    expect(await given([one, two])).toBe(10);
  });

  it('has a local budget, of one point at least, when Redis is dead or was never there', async () => {
    const [one, least] = [await limiter(), await limiter({ localShare: 0.01, name: 'least' })];
    await redis.kill();
    const newcomer = await limiter();
    try {
      expect([await given([one]), await given([newcomer]), await given([least])]).toEqual([3, 3, 1]);
    } finally {
      await redis.revive();
    }
    await until('the whole budget is there', async () => (await given([one])) === 10 && (await given([newcomer])) === 10);
  }, 15_000);

  it('needs no more rights than README.md says', async () => {
    const password = randomUUID();
    const admin = new Redis(redis.url, { protocol: 2 });
    const commands = 'eval evalsha set incrby pttl expire info client';
    await admin.call('ACL', 'SETUSER', 'limiter-user', 'reset', 'on', `>${password}`, `~${keyPrefix}:*`, '-@all', ...commands.split(' ').map((name) => `+${name}`));
    try {
      expect(await given([await limiter({}, { username: 'limiter-user', password })])).toBe(10);
    } finally {
      await admin.call('ACL', 'DELUSER', 'limiter-user');
      admin.disconnect();
    }
  });

  it.each([{ points: 0 }, { points: 1.5 }, { durationSeconds: 0 }, { durationSeconds: 0.5 }, { localShare: 0 }, { localShare: 1.1 }, { localShare: Number.NaN }])(
    'does not take sizes that would mean no limit or no budget: %j',
    async (wrong) => {
      await expect(limiter(wrong)).rejects.toThrow(RangeError);
    },
  );
});
