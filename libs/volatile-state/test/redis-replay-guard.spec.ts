import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connectRedis, openRedis, redisAt, type RedisConnection, type RedisConnectionOptions } from '@uma-federation/redis';
import { describeReplayGuard, startTestRedis, type TestRedis, until } from '@uma-federation/testing';
import { Redis } from 'ioredis';
import { RedisReplayGuard } from '../src/index.ts';
import { redisNow } from './redis-now.ts';
import { refusal } from './refusal.ts';

const started = await startTestRedis();
// Where there is none, nothing below is run.
const redis = started as TestRedis;

// Without a Redis (no Docker, no UMA_TEST_REDIS_URL) it is skipped; `startTestRedis` has said so.
(started === undefined ? describe.skip : describe)('RedisReplayGuard', () => {
  const opened: RedisConnection[] = [];
  const keyPrefix = `test-${randomUUID()}`;
  let admin: Redis;
  let now: () => number;

  beforeAll(async () => {
    admin = new Redis(redis.url, { protocol: 2, retryStrategy: () => 100 });
    admin.on('error', () => undefined);
    now = await redisNow(admin);
  });
  afterEach(() => {
    for (const connection of opened.splice(0)) connection.disconnect();
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.stop();
  });

  async function guard(options: Partial<RedisConnectionOptions> = {}): Promise<RedisReplayGuard> {
    const connection = connectRedis({ ...redisAt(redis.url), ...options }, { name: 'test' });
    opened.push(connection);
    await openRedis([connection]);
    return new RedisReplayGuard(connection, { keyPrefix });
  }

  const see = (seeing: RedisReplayGuard, id: string = randomUUID()) => seeing.firstSeen('dpop', 'issuer', id, now() + 60);

  async function worksAgain(seeing: RedisReplayGuard): Promise<void> {
    await until('it answers', () => see(seeing).catch(() => false));
  }

  describeReplayGuard('Redis', async () => {
    const connections = [connectRedis(redisAt(redis.url), { name: 'test' }), connectRedis(redisAt(redis.url), { name: 'test' })] as const;
    await Promise.all(connections.map((connection) => openRedis([connection])));
    const [first, second] = connections;
    return {
      replicas: [new RedisReplayGuard(first, { keyPrefix }), new RedisReplayGuard(second, { keyPrefix })],
      now,
      dispose: async () => connections.forEach((connection) => connection.disconnect()),
    };
  });

  it('remembers by the clock of Redis until five seconds after the window', async () => {
    const seeing = await guard();
    const namespace = randomUUID();
    const expiresAt = now() + 60;
    expect(await seeing.firstSeen(namespace, 'issuer', 'id', expiresAt)).toBe(true);
    const [key = '', ...others] = await admin.keys(`${keyPrefix}:replay:${namespace}:*`);
    expect(others).toEqual([]);
    expect(await admin.pexpiretime(key)).toBe((expiresAt + 5) * 1000);
  });

  it('refuses an identifier that Redis has forgotten when its window is over', async () => {
    const seeing = await guard();
    const namespace = randomUUID();
    const expiresAt = now() + 2;
    expect(await seeing.firstSeen(namespace, 'issuer', 'id', expiresAt)).toBe(true);
    await until('the window is over', () => now() >= expiresAt);
    expect(await admin.del(await admin.keys(`${keyPrefix}:replay:${namespace}:*`))).toBe(1);
    expect(await seeing.firstSeen(namespace, 'issuer', 'id', expiresAt)).toBe(false);
  });

  it.each([-3600, 3600])('does not go by the clock of this process, here %d s wrong', async (seconds) => {
    const seeing = await guard();
    const wrong = Date.now() + seconds * 1000;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(wrong);
    try {
      const id = randomUUID();
      expect([await see(seeing, id), await see(seeing, id)]).toEqual([true, false]);
      expect(await seeing.firstSeen('dpop', 'issuer', randomUUID(), now())).toBe(false);
    } finally {
      clock.mockRestore();
    }
  });

  it('puts neither issuer nor identifier into Redis', async () => {
    const namespace = randomUUID();
    await (await guard()).firstSeen(namespace, 'canary-issuer', 'canary-id', now() + 60);
    const keys = await admin.keys(`${keyPrefix}:replay:${namespace}:*`);
    expect(keys).toHaveLength(1);
    expect(keys.join()).not.toContain('canary');
  });

  it('refuses within a second when Redis is paused, works again when it is back, and has forgotten nothing', async () => {
    const seeing = await guard();
    const [before, during] = [randomUUID(), randomUUID()];
    expect(await see(seeing, before)).toBe(true);
    await redis.pause();
    try {
      const { error, afterMs } = await refusal(see(seeing, during));
      expect(error).toMatchObject({ status: 503, reason: 'replay_guard_unavailable', retryAfterSeconds: 1, detail: 'timeout' });
      expect(afterMs).toBeLessThan(1000);
      expect(JSON.stringify([Object.entries(error), String(error.cause)])).not.toContain(during);
      const newcomer = await guard();
      expect((await refusal(see(newcomer))).afterMs).toBeLessThan(1000);
      await until('it knows', async () => (await refusal(see(seeing))).afterMs < 50);
    } finally {
      await redis.unpause();
    }
    await worksAgain(seeing);
    expect(await see(seeing, before)).toBe(false);
  });

  it('refuses 50 parallel callers within a second when Redis is paused', async () => {
    const seeing = await guard();
    await redis.pause();
    try {
      const refusals = await Promise.all(Array.from({ length: 50 }, () => refusal(see(seeing))));
      expect(new Set(refusals.map(({ error }) => error.status))).toEqual(new Set([503]));
      expect(Math.max(...refusals.map(({ afterMs }) => afterMs))).toBeLessThan(1000);
    } finally {
      await redis.unpause();
    }
  });

  it('refuses when Redis is dead, and works again when there is one', async () => {
    const seeing = await guard();
    expect(await see(seeing)).toBe(true);
    await redis.kill();
    const newcomer = await guard();
    try {
      const { error, afterMs } = await refusal(see(seeing));
      expect(error).toMatchObject({ status: 503, reason: 'replay_guard_unavailable' });
      expect(afterMs).toBeLessThan(1000);
      expect((await refusal(see(newcomer))).error).toMatchObject({ status: 503, detail: expect.stringMatching(/^E[A-Z]+$/) });
    } finally {
      await redis.revive();
    }
    await worksAgain(seeing);
    await worksAgain(newcomer);
  }, 15_000);

  it('needs no more rights than README.md says, and refuses without the right password', async () => {
    const password = randomUUID();
    await until('the admin is back', () => admin.ping().then(() => true, () => false));
    await admin.call('ACL', 'SETUSER', 'guard-user', 'reset', 'on', `>${password}`, `~${keyPrefix}:*`, '-@all', ...'eval time set info client'.split(' ').map((name) => `+${name}`));
    try {
      expect(await see(await guard({ username: 'guard-user', password }))).toBe(true);
      const { error } = await refusal(see(await guard({ username: 'guard-user', password: 'wrong' })));
      expect(error).toMatchObject({ status: 503, detail: 'WRONGPASS' });
    } finally {
      await admin.call('ACL', 'DELUSER', 'guard-user');
    }
  });
});
