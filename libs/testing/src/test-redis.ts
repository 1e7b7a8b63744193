import { startRedisContainer } from './redis-container.ts';
import { sayWhySkipped } from './say-why-skipped.ts';
import { TcpGate } from './tcp-gate.ts';
import { testEnvironment } from './test-environment.ts';

/** A real Redis for one spec file, which may be taken away and brought back. The file has it for itself and may flush it. */
export interface TestRedis {
  /** `redis://127.0.0.1:<port>/0`; the same through every fault. */
  readonly url: string;
  /** Redis takes connections but answers nothing (SIGSTOP). What was sent meanwhile is executed on `unpause`. */
  pause(): Promise<void>;
  unpause(): Promise<void>;
  /** Redis is gone at once (SIGKILL): connections are reset, everything it held is lost where it is a container of ours. */
  kill(): Promise<void>;
  /** Starts a killed Redis again, at the same address. */
  revive(): Promise<void>;
  /** Ends it for good; fine in any state. */
  stop(): Promise<void>;
}

/**
 * Starts a Redis 7: the server of `UMA_TEST_REDIS_URL` if set, else a container (image `redis:7`).
 * @returns undefined, after printing the reason, when there is no Docker or no image: skip the tests then
 */
export async function startTestRedis(): Promise<TestRedis | undefined> {
  const { redisUrl } = testEnvironment();
  if (redisUrl !== undefined) return gatedRedis(redisUrl);
  const container = await startRedisContainer();
  if (typeof container !== 'string') return container;
  sayWhySkipped('Redis', `${container}; start Docker or set UMA_TEST_REDIS_URL`);
  return undefined;
}

/** A server of others must not be stopped: the faults happen in front of it. */
async function gatedRedis(address: string): Promise<TestRedis> {
  const target = new URL(address);
  const gate = await TcpGate.open({ host: target.hostname, port: Number(target.port || 6379) });
  target.hostname = '127.0.0.1';
  target.port = String(gate.port);
  return {
    url: target.href,
    pause: async () => gate.freeze(),
    unpause: async () => gate.reopen(),
    kill: async () => gate.shut(),
    revive: async () => gate.reopen(),
    stop: () => gate.close(),
  };
}
