import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type RedisConnectionOptions } from '@uma-federation/redis';
import { startTestRedisCluster, startTestRedisSentinel, until } from '@uma-federation/testing';
import { RedisEventPublisher, RedisEventSubscriber, RedisStreamsClient, RedisStreamsServer,  } from '../src/index.ts';
import { exampleEvents } from './example-events.ts';

const [cluster, sentinel] = await Promise.all([startTestRedisCluster(), startTestRedisSentinel()]);
const opened: { close(): Promise<void> }[] = [];

beforeAll(() => {
  Logger.overrideLogger(false);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((part) => part.close()));
});
afterAll(async () => {
  await Promise.all([cluster?.stop(), sentinel?.stop()]);
});

async function replica(redis: RedisConnectionOptions, service: string): Promise<void> {
  const server = new RedisStreamsServer({ redis, service });
  opened.push(server);
  server.addHandler('echo', async (data) => data as unknown);
  await server.listen(() => undefined);
}

function client(redis: RedisConnectionOptions, service: string): RedisStreamsClient {
  const made = new RedisStreamsClient({ redis, service, timeoutMs: 5000 });
  opened.push(made);
  return made;
}

// Without Docker it is skipped; the starter has said so.
(cluster === undefined ? describe.skip : describe)('the bus on a Redis Cluster', () => {
  const redis: RedisConnectionOptions = { address: { kind: 'cluster', nodes: cluster?.nodes.slice(0, 1) ?? [] } };

  it('answers the requests of several services, whose streams live on several nodes', async () => {
    const services = Array.from({ length: 4 }, (_, n) => `service-${n}`);
    await Promise.all(services.map((service) => replica(redis, service)));
    for (const service of services) {
      const asking = client(redis, service);
      const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => asking.request<string>('echo', `${service}-${n}`)));
      expect(answers).toEqual(Array.from({ length: 50 }, (_, n) => `${service}-${n}`));
    }
  }, 15_000);

  it('brings events to every subscriber', async () => {
    const [event] = exampleEvents();
    const heard: unknown[] = [];
    for (let n = 0; n < 3; n += 1) {
      const listening = new RedisEventSubscriber({ redis });
      opened.push(listening);
      listening.on(event.type, (told) => heard.push(told));
      const resumed = new Promise<void>((resolve) => listening.onResumed(resolve));
      await listening.start();
      await resumed;
    }
    const publishing = new RedisEventPublisher({ redis });
    opened.push(publishing);
    expect(await publishing.publish(event)).toBe(true);
    await until('all three have heard', () => heard.length === 3);
    expect(heard).toEqual([event, event, event]);
  });
});

// Without Docker it is skipped; the starter has said so.
(sentinel === undefined ? describe.skip : describe)('the bus on Redis with Sentinels', () => {
  const redis: RedisConnectionOptions = {
    address: { kind: 'sentinel', sentinels: sentinel?.sentinels ?? [], primaryName: sentinel?.primaryName ?? '' },
  };

  it('goes on with the new primary when the old one has died, and listens to its events', async () => {
    const [event] = exampleEvents();
    await replica(redis, 'service');
    const asking = client(redis, 'service');
    expect(await asking.request('echo', 'before')).toBe('before');
    const listening = new RedisEventSubscriber({ redis });
    const publishing = new RedisEventPublisher({ redis });
    opened.push(listening, publishing);
    let resumed = 0;
    listening.onResumed(() => (resumed += 1));
    await listening.start();
    await until('it listens', () => resumed === 1);

    await sentinel?.failOver();

    await until('a request is answered again', () => asking.request('echo', 'again', { timeoutMs: 1000 }).then(() => true, () => false), 10_000);
    expect(await asking.request('echo', 'after')).toBe('after');
    await until('it listens to the new primary', () => resumed === 2, 10_000);
    const heard: unknown[] = [];
    listening.on(event.type, (told) => heard.push(told));
    await until('it is published', () => publishing.publish(event));
    await until('it is heard', () => heard.length === 1);
  }, 40_000);

  it('refuses within a second when no Sentinel is there', async () => {
    const nowhere: RedisConnectionOptions = { address: { kind: 'sentinel', sentinels: [{ host: '127.0.0.1', port: 1 }], primaryName: 'primary' } };
    const asking = client(nowhere, 'service');
    const startedAt = performance.now();
    await expect(asking.request('echo', {})).rejects.toMatchObject({ reason: 'bus_unavailable' });
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
