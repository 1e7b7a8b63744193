import { setTimeout as delay } from 'node:timers/promises';
import { containerRuntime } from './container-runtime.ts';
import { freePorts } from './free-ports.ts';
import { redisAnswers } from './redis-answers.ts';
import { REDIS_IMAGE } from './redis-container.ts';
import { sayWhySkipped } from './say-why-skipped.ts';

/** Without a password Redis lets in only its own host, which Docker's port mapping is not. */
const OPEN = '--protected-mode no';
const NOTHING_ON_DISK = '--save "" --appendonly no';
const READY_WITHIN_MS = 15_000;

/** Several Redis processes in one container, on ports of 127.0.0.1 that are the same inside and outside: nodes tell clients their addresses. */
interface RedisProcesses {
  readonly ports: readonly number[];
  cli(port: number, ...command: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** A cluster of three primaries. */
export interface TestRedisCluster {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  stop(): Promise<void>;
}

/** A primary with a replica, and one Sentinel that watches them. */
export interface TestRedisSentinel {
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  readonly primaryName: string;
  /** Ends the primary; the Sentinel makes the replica the new one. Returns when it has. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a cluster; undefined, after printing the reason, when there is no Docker or no image. */
export async function startTestRedisCluster(): Promise<TestRedisCluster | undefined> {
  const node = (port: number, place: number) =>
    `redis-server --port ${port} --cluster-enabled yes --cluster-port ${16_379 + place} --cluster-announce-ip 127.0.0.1 --cluster-config-file /tmp/nodes-${port}.conf ${OPEN} ${NOTHING_ON_DISK}`;
  const processes = await start('a Redis cluster', (ports) => ports.map(node));
  if (processes === undefined) return undefined;
  const [first = 0] = processes.ports;
  await processes.cli(first, '--cluster', 'create', ...processes.ports.map((port) => `127.0.0.1:${port}`), '--cluster-yes');
  for (const port of processes.ports) await until(async () => (await processes.cli(port, 'cluster', 'info')).includes('cluster_state:ok'));
  return { nodes: processes.ports.map((port) => ({ host: '127.0.0.1', port })), stop: () => processes.stop() };
}

/** Starts a primary, a replica and a Sentinel; undefined, after printing the reason, when there is no Docker or no image. */
export async function startTestRedisSentinel(): Promise<TestRedisSentinel | undefined> {
  const primaryName = 'primary';
  const processes = await start('Redis with a Sentinel', ([primary, replica, sentinel]) => [
    `redis-server --port ${primary} ${OPEN} ${NOTHING_ON_DISK}`,
    `redis-server --port ${replica} --replicaof 127.0.0.1 ${primary} --replica-announce-ip 127.0.0.1 --repl-diskless-sync-delay 0 ${OPEN} ${NOTHING_ON_DISK}`,
    `printf 'port ${sentinel}\\nprotected-mode no\\nsentinel monitor ${primaryName} 127.0.0.1 ${primary} 1\\nsentinel down-after-milliseconds ${primaryName} 500\\nsentinel failover-timeout ${primaryName} 3000\\n' > /tmp/sentinel.conf && redis-server /tmp/sentinel.conf --sentinel`,
  ]);
  if (processes === undefined) return undefined;
  const [primary = 0, replica = 0, sentinel = 0] = processes.ports;
  await until(async () => (await processes.cli(primary, 'info', 'replication')).includes('state=online'));
  await until(async () => (await processes.cli(sentinel, 'sentinel', 'replicas', primaryName)).includes(String(replica)));
  return {
    primaryName,
    sentinels: [{ host: '127.0.0.1', port: sentinel }],
    failOver: async () => {
      await processes.cli(primary, 'shutdown', 'nosave');
      await until(async () => (await processes.cli(sentinel, 'sentinel', 'get-master-addr-by-name', primaryName)).includes(String(replica)));
    },
    stop: () => processes.stop(),
  };
}

async function start(what: string, commands: (ports: readonly number[]) => readonly string[]): Promise<RedisProcesses | undefined> {
  const docker = await containerRuntime(REDIS_IMAGE);
  if (typeof docker === 'string') {
    sayWhySkipped(what, docker);
    return undefined;
  }
  const { GenericContainer } = await import('testcontainers');
  const ports = await freePorts(3);
  const started = await new GenericContainer(REDIS_IMAGE)
    .withCommand(['sh', '-c', `${commands(ports).map((command) => `(${command}) &`).join(' ')} wait`])
    .withExposedPorts(...ports.map((port) => ({ container: port, host: port })))
    .start();
  const stop = async () => void (await started.stop({ timeout: 0 }));
  try {
    for (const port of ports) await redisAnswers('127.0.0.1', port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ports, cli: async (port, ...command) => (await started.exec(['redis-cli', '-p', String(port), ...command])).output, stop };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Redis was not ready within ${READY_WITHIN_MS} ms`);
    await delay(50);
  }
}
