import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { BenchmarkRun } from './benchmark.ts';
import { freePort } from './free-port.ts';
import { surroundings } from './surroundings.ts';

const run = promisify(execFile);
const IMAGE = 'redis:7';
const READY_PATIENCE_MS = 10_000;
const NOTHING_KEPT = ['--save', '', '--appendonly', 'no'];

/** A Redis for a benchmark. */
export interface RedisServer {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly password: string | undefined;
}

/**
 * The server of `UMA_TEST_REDIS_URL`, else `redis-server` from the PATH, else a container.
 * @returns the server, or why there is none
 */
export async function startRedisServer(benchmark: BenchmarkRun): Promise<RedisServer | string> {
  const { redisUrl } = surroundings();
  if (redisUrl !== undefined) {
    const { hostname, port, password } = new URL(redisUrl);
    return { name: 'Redis server', host: hostname, port: Number(port || 6379), password: password === '' ? undefined : decodeURIComponent(password) };
  }
  const port = await freePort();
  const name = (await startProgram(port, benchmark)) ? 'redis-server' : (await startContainer(port, benchmark)) ? `container of ${IMAGE}` : undefined;
  if (name === undefined) return `no redis-server on the PATH, no Docker with ${IMAGE}, and UMA_TEST_REDIS_URL is not set`;
  await untilOpen(port);
  return { name, host: '127.0.0.1', port, password: undefined };
}

async function startProgram(port: number, benchmark: BenchmarkRun): Promise<boolean> {
  const child = spawn('redis-server', ['--bind', '127.0.0.1', '--port', String(port), ...NOTHING_KEPT], { cwd: benchmark.directory, stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
  } catch {
    return false;
  }
  benchmark.cleanup.push(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  return true;
}

async function startContainer(port: number, benchmark: BenchmarkRun): Promise<boolean> {
  try {
    const { stdout } = await run('docker', ['run', '--detach', '--rm', '--pull', 'never', '--publish', `127.0.0.1:${port}:6379`, IMAGE, 'redis-server', ...NOTHING_KEPT]);
    benchmark.cleanup.push(() => run('docker', ['rm', '--force', stdout.trim()]));
    return true;
  } catch {
    return false;
  }
}

async function untilOpen(port: number): Promise<void> {
  for (const deadline = performance.now() + READY_PATIENCE_MS; ; await pause(50)) {
    const socket = connect(port, '127.0.0.1');
    const answered = await Promise.race([
      once(socket.once('connect', () => socket.write('PING\r\n')), 'data').then(() => true, () => false),
      pause(500, false),
    ]);
    socket.destroy();
    if (answered) return;
    if (performance.now() > deadline) throw new Error('Redis did not start');
  }
}
