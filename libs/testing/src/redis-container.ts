import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerRuntimeClient } from 'testcontainers';
import { leaveReaperOut } from './test-environment.ts';
import type { TestRedis } from './test-redis.ts';

const IMAGE = 'redis:7';
const READY_WITHIN_MS = 15_000;

/**
 * Starts a container with a Redis that keeps nothing on disk, on one host port for its whole life.
 * @returns the Redis, or why there is none: Docker does not answer, or the image is not to be had
 */
export async function startRedisContainer(): Promise<TestRedis | string> {
  leaveReaperOut();
  // Loaded here, so that suites without containers do not pay for it.
  const { GenericContainer, getContainerRuntimeClient } = await import('testcontainers');
  let docker: ContainerRuntimeClient;
  try {
    docker = await getContainerRuntimeClient();
  } catch {
    return 'Docker does not answer';
  }
  if (!(await hasImage(docker))) return `the image ${IMAGE} is not here and cannot be pulled`;
  const port = await freePort();
  const started = await new GenericContainer(IMAGE)
    .withCommand(['redis-server', '--save', '', '--appendonly', 'no'])
    .withExposedPorts({ container: 6379, host: port })
    .start();
  const container = docker.container.getById(started.getId());
  const host = started.getHost();
  await answers(host, port);
  let stopped = false;
  return {
    url: `redis://${host}:${port}/0`,
    pause: async () => void (await container.pause()),
    unpause: async () => void (await container.unpause()),
    kill: async () => void (await container.kill()),
    revive: async () => {
      await container.start();
      await answers(host, port);
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

async function hasImage(docker: ContainerRuntimeClient): Promise<boolean> {
  const { ImageName } = await import('testcontainers');
  try {
    const image = ImageName.fromString(IMAGE);
    // Does nothing when the image is already here.
    await docker.image.pull(image);
    return await docker.image.exists(image);
  } catch {
    return false;
  }
}

/** A port that is free now; it stays the same over kill and revive, which a port chosen by Docker does not. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until Redis answers PING, at most 15 s. */
async function answers(host: string, port: number): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await ping(host, port))) {
    if (performance.now() > deadline) throw new Error(`Redis at ${host}:${port} has not answered within ${READY_WITHIN_MS} ms`);
    await delay(50);
  }
}

function ping(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500 }, () => socket.write('PING\r\n'));
    const end = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.on('data', (bytes) => end(bytes.toString().startsWith('+PONG')));
    socket.on('error', () => end(false));
    socket.on('timeout', () => end(false));
    socket.on('close', () => end(false));
  });
}
