import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, describe, expect, it } from '@jest/globals';
import { startTestRedis, type TestRedis } from './test-redis.ts';

const started = await startTestRedis();
// Where there is none, nothing below is run.
const redis = started as TestRedis;
// Without a Redis (no Docker, no UMA_TEST_REDIS_URL) it is skipped; `startTestRedis` has said so.
const describeOnRedis = started === undefined ? describe.skip : describe;

/** What Redis says to PING within `patienceMs`; undefined when it says nothing. */
async function ping(url: string, patienceMs: number): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  try {
    socket.on('error', () => socket.destroy());
    socket.write('PING\r\n');
    const [bytes] = (await once(socket, 'data', { signal: AbortSignal.timeout(patienceMs) })) as [Buffer];
    return bytes.toString().trim();
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

describeOnRedis('a Redis for tests', () => {
  afterAll(() => redis.stop());

  it('answers nothing while it is paused, and again afterwards at the same address', async () => {
    expect(await ping(redis.url, 2000)).toBe('+PONG');
    await redis.pause();
    expect(await ping(redis.url, 300)).toBeUndefined();
    await redis.unpause();
    expect(await ping(redis.url, 2000)).toBe('+PONG');
  });

  it('is gone when it was killed, and back at the same address when it was revived', async () => {
    await redis.kill();
    expect(await ping(redis.url, 300)).toBeUndefined();
    await redis.revive();
    expect(await ping(redis.url, 2000)).toBe('+PONG');
  });

  it('can be stopped while it is paused', async () => {
    await redis.pause();
    await redis.stop();
    expect(await ping(redis.url, 300)).toBeUndefined();
  });
});
