import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { connectRedis, openRedis, type RedisAddress, type RedisConnection } from '@uma-federation/redis';
import { startTestRedisCluster, startTestRedisSentinel, until } from '@uma-federation/testing';
import { RedisRateLimiter, RedisReplayGuard } from '../src/index.ts';
import { redisNow } from './redis-now.ts';
import { refusal } from './refusal.ts';

const [cluster, sentinel] = await Promise.all([startTestRedisCluster(), startTestRedisSentinel()]);
const opened: RedisConnection[] = [];

afterEach(() => {
  for (const connection of opened.splice(0)) connection.disconnect();
});
afterAll(async () => {
  await Promise.all([cluster?.stop(), sentinel?.stop()]);
});

function connect(address: RedisAddress): RedisConnection {
  const connection = connectRedis({ address }, { name: 'test' });
  opened.push(connection);
  return connection;
}

// Without Docker it is skipped; the starter has said so.
(cluster === undefined ? describe.skip : describe)('replay windows and rate limits on a Redis Cluster', () => {
  it('are kept on whichever node has the key, and say yes to one of 50', async () => {
    const connection = connect({ kind: 'cluster', nodes: cluster?.nodes.slice(0, 1) ?? [] });
    expect(await openRedis([connection], 2000)).toBe(true);
    const guard = new RedisReplayGuard(connection);
    const limiter = new RedisRateLimiter(connection, { name: 'source', points: 10, durationSeconds: 60, localShare: 0.1 });
    const expiresAt = Math.floor(Date.now() / 1000) + 60;
    for (const id of Array.from({ length: 12 }, () => randomUUID())) {
      const seen = await Promise.all(Array.from({ length: 50 }, () => guard.firstSeen('dpop', 'issuer', id, expiresAt)));
      expect(seen.filter(Boolean)).toHaveLength(1);
      const taken = await Promise.all(Array.from({ length: 50 }, () => limiter.take(id)));
      expect(taken.filter((answer) => answer === undefined)).toHaveLength(10);
    }
  });
});

// Without Docker it is skipped; the starter has said so.
(sentinel === undefined ? describe.skip : describe)('replay windows on Redis with Sentinels', () => {
  it('are kept by the new primary when the old one has died; meanwhile nothing passes', async () => {
    const connection = connect({ kind: 'sentinel', sentinels: sentinel?.sentinels ?? [], primaryName: sentinel?.primaryName ?? '' });
    expect(await openRedis([connection], 2000)).toBe(true);
    const now = await redisNow(connection);
    const guard = new RedisReplayGuard(connection);
    const before = randomUUID();
    expect(await guard.firstSeen('dpop', 'issuer', before, now() + 60)).toBe(true);
    expect(await connection.call('WAIT', '1', '2000')).toBe(1);

    const failing = sentinel?.failOver();
    await until('it refuses', () => guard.firstSeen('dpop', 'issuer', randomUUID(), now() + 60).then(() => false, () => true));
    await failing;
    await until('it answers', () => guard.firstSeen('dpop', 'issuer', randomUUID(), now() + 60).catch(() => false), 10_000);
    expect(await guard.firstSeen('dpop', 'issuer', before, now() + 60)).toBe(false);
  }, 40_000);
});

describe('a connection to Sentinels that are not there', () => {
  it('refuses within a second, and leaves nothing behind when it is closed', async () => {
    const resources = () => process.getActiveResourcesInfo().filter((name) => ['Timeout', 'TCPConnectWrap'].includes(name)).length;
    const before = resources();
    const connection = connect({ kind: 'sentinel', sentinels: [{ host: '127.0.0.1', port: 1 }], primaryName: 'primary' });
    expect(await openRedis([connection])).toBe(false);
    const { error, afterMs } = await refusal(new RedisReplayGuard(connection).firstSeen('dpop', 'issuer', 'id', 4_000_000_000));
    expect(error).toMatchObject({ status: 503, reason: 'replay_guard_unavailable' });
    expect(afterMs).toBeLessThan(1000);
    connection.disconnect();
    await until('all of it is gone', () => resources() <= before);
  });
});
