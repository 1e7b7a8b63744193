import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { startTestRedis, type TestRedis, until } from '@uma-federation/testing';
import { RedisEventPublisher, RedisEventSubscriber } from '../src/index.ts';
import { describeEvents } from './events-contract.ts';
import { exampleEvents } from './example-events.ts';
import { redisAt } from '@uma-federation/redis';

const started = await startTestRedis();
// Where there is none, nothing below is run.
const redis = started as TestRedis;

// Without a Redis (no Docker, no UMA_TEST_REDIS_URL) it is skipped; `startTestRedis` has said so.
(started === undefined ? describe.skip : describe)('on Redis', () => {
  const opened: { close(): Promise<void> }[] = [];
  let options: ConstructorParameters<typeof RedisEventPublisher>[0];
  beforeEach(() => {
    options = { redis: redisAt(redis.url), keyPrefix: `test-${randomUUID()}` };
    Logger.overrideLogger(false);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((part) => part.close()));
  });
  afterAll(() => redis.stop());

  function publisher(): RedisEventPublisher {
    const made = new RedisEventPublisher(options);
    opened.push(made);
    return made;
  }

  /** Listening has begun when this returns. */
  async function subscriber(): Promise<RedisEventSubscriber> {
    const made = new RedisEventSubscriber(options);
    opened.push(made);
    const listening = new Promise<void>((resolve) => made.onResumed(resolve));
    await made.start();
    await listening;
    return made;
  }

  describeEvents('events over pub/sub', { publisher: async () => publisher(), subscriber });

  const event = exampleEvents()[0];

  it('does not fail and does not hang when Redis is paused; listens again by itself, and says so', async () => {
    const publishing = publisher();
    const listening = await subscriber();
    const heard: unknown[] = [];
    let resumed = 0;
    listening.on(event.type, (told) => heard.push(told));
    listening.onResumed(() => (resumed += 1));
    await until('it is told that listening has begun', () => resumed === 1);
    expect(await publishing.publish(event)).toBe(true);
    await redis.pause();
    try {
      const startedAt = performance.now();
      expect(await publishing.publish(event)).toBe(false);
      expect(performance.now() - startedAt).toBeLessThan(1000);
      // Nothing comes back for its question: the connection is given up.
      await until('it has noticed', () => listening.state === 'deaf');
    } finally {
      await redis.unpause();
    }
    await until('it listens again', () => resumed === 2);
    heard.length = 0;
    await until('it is published again', () => publishing.publish(event));
    await until('it is heard again', () => heard.length > 0);
  }, 15_000);

  it('starts without Redis and listens as soon as there is one', async () => {
    await redis.kill();
    const listening = new RedisEventSubscriber(options);
    opened.push(listening);
    const heard: unknown[] = [];
    listening.on(event.type, (told) => heard.push(told));
    await listening.start();
    const publishing = publisher();
    expect(await publishing.publish(event)).toBe(false);
    const resumed = new Promise<void>((resolve) => listening.onResumed(resolve));
    await redis.revive();
    await resumed;
    await until('it is published', () => publishing.publish(event));
    await until('it is heard', () => heard.length > 0);
  }, 15_000);
});
