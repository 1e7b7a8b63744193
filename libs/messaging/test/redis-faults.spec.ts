import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { ProtocolError } from '@uma-federation/uma-core';
import { startTestRedis, type TestRedis, until } from '@uma-federation/testing';
import { Redis } from 'ioredis';
import {
  BusTimeout,
  RedisStreamsClient,
  RedisStreamsServer,
  type RedisStreamsClientOptions,
  type RedisStreamsServerOptions,
  type RequestContext,
} from '../src/index.ts';
import { redisAt } from '@uma-federation/redis';

const started = await startTestRedis();
// Where there is none, nothing below is run.
const redis = started as TestRedis;

// Without a Redis (no Docker, no UMA_TEST_REDIS_URL) it is skipped; `startTestRedis` has said so.
(started === undefined ? describe.skip : describe)('the bus on Redis Streams, when something fails', () => {
  const logged: unknown[] = [];
  const opened: { close(): Promise<void> }[] = [];
  let admin: Redis;
  let keyPrefix: string;
  let options: { readonly redis: RedisStreamsServerOptions['redis']; readonly service: string; readonly keyPrefix: string };

  beforeAll(() => {
    admin = new Redis(redis.url, { protocol: 2, retryStrategy: () => 100 });
    admin.on('error', () => undefined);
    const log = (...message: unknown[]) => void logged.push(message);
    Logger.overrideLogger({ log, warn: log, error: log });
  });
  beforeEach(() => {
    keyPrefix = `test-${randomUUID()}`;
    options = { redis: redisAt(redis.url), service: 'work-service', keyPrefix };
    logged.length = 0;
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((part) => part.close()));
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.stop();
  });

  const requestsKey = () => `${keyPrefix}:requests:work-service`;

  /** How many requests have ever come into the stream. */
  async function added(): Promise<number> {
    const fields = (await admin.xinfo('STREAM', requestsKey()).catch(() => [])) as unknown[];
    return Number(fields[fields.indexOf('entries-added') + 1]);
  }

  async function replica(
    handler: (data: never, context: RequestContext, self: RedisStreamsServer) => unknown,
    more: Partial<RedisStreamsServerOptions> = {},
  ): Promise<RedisStreamsServer> {
    const server = new RedisStreamsServer({ ...options, claimAfterMs: 150, drainTimeoutMs: 200, ...more });
    opened.push(server);
    server.addHandler('work', async (data, context) => handler(data as never, context as RequestContext, server));
    await server.listen(() => undefined);
    return server;
  }

  function client(more: Partial<RedisStreamsClientOptions> = {}): RedisStreamsClient {
    const made = new RedisStreamsClient({ ...options, timeoutMs: 5000, ...more });
    opened.push(made);
    return made;
  }

  /** As a process that was killed: its connections are gone, and it says nothing more. */
  function kill(server: RedisStreamsServer): void {
    for (const connection of server.unwrap()) connection.disconnect();
  }

  async function refusal(request: Promise<unknown>): Promise<{ readonly error: ProtocolError; readonly afterMs: number }> {
    const startedAt = performance.now();
    try {
      await request;
    } catch (error) {
      if (error instanceof ProtocolError) return { error, afterMs: performance.now() - startedAt };
      throw error;
    }
    throw new Error('it was answered');
  }

  async function answeredAgain(asking: RedisStreamsClient): Promise<void> {
    await until('a request is answered', () => asking.request('work', {}, { timeoutMs: 1000 }).then(() => true, () => false));
  }

  it('hands the request of a replica that died to another one, which answers it within the deadline', async () => {
    const seen: RequestContext[] = [];
    const taken = Promise.withResolvers<void>();
    const dying = await replica((_, context) => {
      seen.push(context);
      taken.resolve();
      return new Promise(() => undefined);
    });
    const answer = client().request('work', {});
    await taken.promise;
    kill(dying);
    await replica((_, context) => {
      seen.push(context);
      return 'answered';
    });
    expect(await answer).toBe('answered');
    expect(seen.map(({ deliveries }) => deliveries)).toEqual([1, 2]);
    expect(new Set(seen.map(({ messageId }) => messageId)).size).toBe(1);
    await until('nothing is left of it', async () => (await admin.xlen(requestsKey())) === 0);
  });

  it('leaves a request with a replica that is slow but alive', async () => {
    let runs = 0;
    const gate = Promise.withResolvers<string>();
    const slow = () => {
      runs += 1;
      return gate.promise;
    };
    await replica(slow);
    await replica(slow);
    const answer = client().request('work', {});
    await until('it is at work', () => runs === 1);
    // Several times the time after which a silent replica loses its request.
    const looks = async () => Number(/cmdstat_xpending:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
    const before = await looks();
    await until('the others have looked for silent ones', async () => (await looks()) > before + 40);
    gate.resolve('slow');
    expect(await answer).toBe('slow');
    expect(runs).toBe(1);
  });

  it('refuses and drops a request that has killed every replica that took it', async () => {
    let victims = 0;
    const die = (_: never, __: unknown, self: RedisStreamsServer) => {
      victims += 1;
      kill(self);
      return new Promise(() => undefined);
    };
    const deadly = client().request('work', { canary: 'deadly' });
    deadly.catch(() => undefined);
    for (const place of [1, 2]) {
      await replica(die, { maxDeliveries: 2 });
      await until('it has died', () => victims === place);
    }
    await replica(() => 'never reached', { maxDeliveries: 2 });
    expect((await refusal(deadly)).error).toMatchObject({ status: 500, reason: 'bus_poison_message' });
    expect(victims).toBe(2);
    await until('nothing is left of it', async () => (await admin.xlen(requestsKey())) === 0);
  });

  it('drops what is no request, and does not write where a request has no business', async () => {
    await replica(() => 'fine');
    const request = { v: 1, id: 'i', correlation: 'c', replyTo: `${keyPrefix}:replies:x`, deadline: 1e15, pattern: 'work', data: {}, metadata: {} };
    const entries = [
      ['other', 'field'],
      ['m', 'no JSON'],
      ['m', JSON.stringify({ ...request, v: 2 })],
      ['m', JSON.stringify({ ...request, deadline: '1' })],
      ['m', JSON.stringify({ ...request, metadata: { trace: 1 } })],
      ['m', JSON.stringify({ ...request, pattern: 'x'.repeat(201) })],
      ['m', JSON.stringify({ ...request, data: 'x'.repeat(65_536) })],
      ['m', JSON.stringify({ ...request, replyTo: 'elsewhere' })],
    ] as const;
    for (const [field, text] of entries) await admin.xadd(requestsKey(), '*', field, text);
    expect(await client().request('work', {})).toBe('fine');
    await until('all of them are gone', async () => (await admin.xlen(requestsKey())) === 0);
    expect(await admin.exists('elsewhere', `${keyPrefix}:replies:x`)).toBe(0);
    expect(logged.filter((message) => JSON.stringify(message).includes('no request'))).toHaveLength(entries.length);
  });

  it('leaves nothing in Redis after 10,000 requests and their answers', async () => {
    await replica((n: number) => n);
    const asking = client({ timeoutMs: 30_000 });
    let sum = 0;
    const ask = async (first: number) => {
      for (let n = first; n < 10_000; n += 100) {
        const answer = await asking.request<number>('work', n);
        sum += answer;
      }
    };
    await Promise.all(Array.from({ length: 100 }, (_, first) => ask(first)));
    expect(sum).toBe((9_999 * 10_000) / 2);
    await until('the stream of requests is empty', async () => (await admin.xlen(requestsKey())) === 0);
    const [replies] = await admin.keys(`${keyPrefix}:replies:*`);
    if (replies === undefined) throw new Error('there is no stream of answers');
    await until('the stream of answers is empty', async () => (await admin.xlen(replies)) === 0);
    expect(await admin.pttl(replies)).toBeGreaterThan(0);
    await asking.close();
    expect(await admin.exists(replies)).toBe(0);
  }, 60_000);

  it('keeps the stream bounded when nobody takes 10,000 requests', async () => {
    const asking = client({ maxInFlight: 10_000, timeoutMs: 60_000, maxStreamLength: 1000 });
    const answers: Promise<unknown>[] = [];
    while (answers.length < 10_000) {
      for (let n = 0; n < 500; n += 1) answers.push(asking.request('work', { text: 'x'.repeat(100) }).catch((error: ProtocolError) => error.reason));
      await until('they are sent', async () => (await added()) === answers.length);
    }
    const length = await admin.xlen(requestsKey());
    expect(length).toBeGreaterThanOrEqual(1000);
    // Trimming is by whole nodes of 100 entries.
    expect(length).toBeLessThanOrEqual(1100);
    await asking.close();
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['bus_closed']));
  }, 60_000);

  it('hears an answer that came while its connection was broken', async () => {
    const gate = Promise.withResolvers<string>();
    const taken = Promise.withResolvers<void>();
    await replica(() => {
      taken.resolve();
      return gate.promise;
    });
    const asking = client();
    const answer = asking.request('work', {});
    await taken.promise;
    const [reader] = asking.unwrap();
    reader.disconnect(true);
    gate.resolve('heard');
    expect(await answer).toBe('heard');
  });

  it('refuses within a second when Redis is paused, at once while that lasts, and works again when it is back', async () => {
    await replica(() => 'fine');
    const asking = client();
    expect(await asking.request('work', {})).toBe('fine');
    await redis.pause();
    try {
      const first = await refusal(asking.request('work', {}));
      expect(first.error).toMatchObject({ status: 503, reason: 'bus_unavailable', retryAfterSeconds: 1 });
      expect(first.afterMs).toBeLessThan(1000);
      const newcomer = await refusal(client().request('work', {}));
      expect(newcomer.error).toMatchObject({ reason: 'bus_unavailable' });
      expect(newcomer.afterMs).toBeLessThan(1000);
      await until('it knows', async () => (await refusal(asking.request('work', {}))).afterMs < 50);
    } finally {
      await redis.unpause();
    }
    await answeredAgain(asking);
  });

  it('does not work off, after a pause, what was refused during it', async () => {
    const begun: unknown[] = [];
    await replica((data) => begun.push(data));
    const asking = client();
    await asking.request('work', 'before');
    await redis.pause();
    try {
      await refusal(asking.request('work', 'during', { timeoutMs: 100 }));
    } finally {
      await redis.unpause();
    }
    await until('it has come into the stream', async () => (await added()) === 2);
    await answeredAgain(asking);
    await until('the stream is empty', async () => (await admin.xlen(requestsKey())) === 0);
    expect(begun).not.toContain('during');
  });

  it('closes within three seconds while Redis is paused', async () => {
    const server = await replica(() => 'fine');
    const asking = client();
    await asking.request('work', {});
    await redis.pause();
    try {
      const startedAt = performance.now();
      await Promise.all([server.close(), asking.close()]);
      expect(performance.now() - startedAt).toBeLessThan(3000);
    } finally {
      await redis.unpause();
    }
  });

  it('refuses at once when Redis is dead, and works again when an empty one is there; replicas may start meanwhile', async () => {
    await replica(() => 'fine');
    const asking = client();
    await asking.request('work', {});
    await redis.kill();
    await replica(() => 'fine');
    await until('it knows', async () => (await refusal(asking.request('work', {}))).afterMs < 50);
    expect((await refusal(client().request('work', {}))).afterMs).toBeLessThan(1000);
    await redis.revive();
    await answeredAgain(asking);
  }, 15_000);

  it('goes on after FLUSHALL: what was in Redis is refused by its deadline, what comes later is answered', async () => {
    await replica((n: number) => n);
    await replica((n: number) => n);
    const asking = client({ timeoutMs: 1000 });
    const results = { answered: 0, timedOut: 0 };
    let flushed = false;
    const ask = async () => {
      for (let n = 0; n < 100; n += 1) {
        const answer = await asking.request('work', n).catch((error: unknown) => error);
        if (answer === n) results.answered += 1;
        else if (answer instanceof BusTimeout) results.timedOut += 1;
        else throw answer;
        if (n === 50 && !flushed) {
          flushed = true;
          await admin.flushall();
        }
      }
    };
    await Promise.all(Array.from({ length: 20 }, ask));
    expect(flushed).toBe(true);
    expect(results.answered + results.timedOut).toBe(2000);
    // Each of the twenty had at most one request in Redis.
    expect(results.timedOut).toBeLessThanOrEqual(20);
    const after = await Promise.all(Array.from({ length: 50 }, (_, n) => asking.request<number>('work', n)));
    expect(after).toEqual(Array.from({ length: 50 }, (_, n) => n));
  }, 15_000);

  it('needs no more rights than README.md says; without the right password it refuses, and the log says why', async () => {
    const password = randomUUID();
    const commands = 'xadd xread xreadgroup xgroup xack xdel xclaim xpending xinfo xtrim pexpire del time publish subscribe ping info client';
    const rights = [`~${keyPrefix}:*`, `&${keyPrefix}:*`, '-@all', ...commands.split(' ').map((name) => `+${name}`)];
    await admin.call('ACL', 'SETUSER', 'bus-user', 'reset', 'on', `>${password}`, ...rights);
    const signedIn = { ...options.redis, username: 'bus-user', password };
    await replica(() => 'fine', { redis: signedIn });
    expect(await client({ redis: signedIn }).request('work', {})).toBe('fine');
    const wrong = { ...signedIn, password: 'wrong' };
    const { error, afterMs } = await refusal(client({ redis: wrong }).request('work', {}));
    expect(error).toMatchObject({ reason: 'bus_unavailable', detail: 'WRONGPASS' });
    expect(afterMs).toBeLessThan(1000);
    await replica(() => 'never', { redis: wrong });
    await until('the log says why', () => JSON.stringify(logged).includes('Redis has failed (WRONGPASS)'));
    await admin.call('ACL', 'DELUSER', 'bus-user');
    expect(JSON.stringify(logged)).not.toContain(password);
  });

  it('says nothing of the data in the log, whatever fails', async () => {
    const canary = 'eyJ-canary-token';
    await replica(() => {
      throw new Error('fault');
    });
    const asking = client();
    await refusal(asking.request('work', { canary }));
    await redis.kill();
    const { error } = await refusal(asking.request('work', { canary }));
    await until('the outage is in the log', () => JSON.stringify(logged).includes('Redis has failed'));
    await redis.revive();
    await answeredAgainAfterFault(asking);
    expect(logged.length).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify([logged, Object.entries(error), String(error.cause)])).not.toContain(canary);
  }, 15_000);

  async function answeredAgainAfterFault(asking: RedisStreamsClient): Promise<void> {
    await until('requests arrive again', async () => (await refusal(asking.request('work', {}, { timeoutMs: 1000 }))).error.status === 500);
  }

  it('leaves no connection and no timer behind when it is closed', async () => {
    const resources = () => process.getActiveResourcesInfo().filter((name) => ['TCPSocketWrap', 'Timeout', 'TCPConnectWrap'].includes(name)).length;
    await admin.ping();
    const before = resources();
    const server = await replica(() => 'fine');
    const asking = client();
    await asking.request('work', {});
    expect(resources()).toBeGreaterThan(before);
    await asking.close();
    await server.close();
    await until('all of it is gone', () => resources() <= before);
  });
});
