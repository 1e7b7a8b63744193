import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { RedisConnection } from '@uma-federation/redis';
import { RedisTime } from './redis-time.ts';

/** A Redis whose clock is ahead of ours. */
function redisAhead(byMs: number) {
  const redis = Object.assign(new EventEmitter(), {
    byMs,
    asked: 0,
    call: async (): Promise<[string, string]> => {
      redis.asked += 1;
      const now = performance.timeOrigin + performance.now() + redis.byMs;
      return [String(Math.floor(now / 1000)), String(Math.floor((now % 1000) * 1000))];
    },
  });
  return redis;
}
const timeOf = (redis: ReturnType<typeof redisAhead>) => new RedisTime(redis as unknown as RedisConnection);
const local = () => performance.timeOrigin + performance.now();

describe("the clock of Redis", () => {
  it.each([0, 3_600_000, -3_600_000])('is what deadlines go by, however far it is from the clock of the service: %p ms', async (byMs) => {
    const now = await timeOf(redisAhead(byMs)).now();
    expect(Math.abs(now - byMs - local())).toBeLessThan(1000);
  });

  it('is asked once, whoever wants to know', async () => {
    const redis = redisAhead(0);
    const time = timeOf(redis);
    await Promise.all([time.now(), time.now()]);
    await time.now();
    expect(redis.asked).toBe(1);
  });

  it('is asked again when it was forgotten, and when the connection is a new one; until then the old answer serves', async () => {
    const redis = redisAhead(60_000);
    const time = timeOf(redis);
    await time.now();
    redis.byMs = 120_000;
    time.forget();
    expect(Math.abs(time.current() - 60_000 - local())).toBeLessThan(1000);
    expect(Math.abs((await time.now()) - 120_000 - local())).toBeLessThan(1000);
    redis.byMs = 0;
    redis.emit('ready');
    expect(Math.abs((await time.now()) - local())).toBeLessThan(1000);
    expect(redis.asked).toBe(3);
  });

  it('is not known when Redis does not say', async () => {
    const redis = Object.assign(new EventEmitter(), { call: async () => Promise.reject(new Error('Command timed out')) });
    await expect(new RedisTime(redis as unknown as RedisConnection).now()).rejects.toThrow('timed out');
  });
});
