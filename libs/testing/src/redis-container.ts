import { containerRuntime } from './container-runtime.ts';
import { freePorts } from './free-ports.ts';
import { redisAnswers } from './redis-answers.ts';
import type { TestRedis } from './test-redis.ts';

/** Redis 7 as released: the image that docker-compose.yml uses. */
export const REDIS_IMAGE = 'redis:7';

/**
 * Starts a container with a Redis that keeps nothing on disk, on one host port for its whole life.
 * @returns the Redis, or why there is none
 */
export async function startRedisContainer(): Promise<TestRedis | string> {
  const docker = await containerRuntime(REDIS_IMAGE);
  if (typeof docker === 'string') return docker;
  const { GenericContainer } = await import('testcontainers');
  const [port = 0] = await freePorts(1);
  const started = await new GenericContainer(REDIS_IMAGE)
    .withCommand(['redis-server', '--save', '', '--appendonly', 'no'])
    .withExposedPorts({ container: 6379, host: port })
    .start();
  const container = docker.container.getById(started.getId());
  const host = started.getHost();
  await redisAnswers(host, port);
  let stopped = false;
  return {
    url: `redis://${host}:${port}/0`,
    pause: async () => void (await container.pause()),
    unpause: async () => void (await container.unpause()),
    kill: async () => void (await container.kill()),
    revive: async () => {
      await container.start();
      await redisAnswers(host, port);
    },
    stop: async () => {
      if (stopped) return;
      stopped = true;
      const { State } = await container.inspect();
      if (State.Paused) await container.unpause();
      await started.stop({ timeout: 0 });
    },
  };
}
