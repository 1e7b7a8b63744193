import { randomUUID } from 'node:crypto';
import { afterAll, describe } from '@jest/globals';
import { startTestRedis } from '@uma-federation/testing';
import { RedisStreamsClient, RedisStreamsServer } from '../src/index.ts';
import { describeBus } from './bus-contract.ts';
import { redisAt } from '@uma-federation/redis';

const redis = await startTestRedis();

// Without a Redis (no Docker, no UMA_TEST_REDIS_URL) it is skipped; `startTestRedis` has said so.
(redis === undefined ? describe.skip : describe)('on Redis', () => {
  const options = { redis: redisAt(redis?.url ?? 'redis://127.0.0.1:1'), keyPrefix: `test-${randomUUID()}` };
  afterAll(() => redis?.stop());

  describeBus('the bus on Redis Streams', {
    server: (service, more) => new RedisStreamsServer({ ...options, service, ...more }),
    client: (service, limits) => new RedisStreamsClient({ ...options, service, ...limits }),
  });
});
