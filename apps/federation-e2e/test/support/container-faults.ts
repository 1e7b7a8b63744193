import { containerOf, docker, networkOf, PROJECT } from './compose-project.ts';

/** A replica of a service, for example `['acme-as-ro', 2]`. */
export type Replica = readonly [service: string, replica: number];

/** Names of the containers of a service's replicas. */
export async function replicasOf(service: string): Promise<readonly string[]> {
  const names = await docker('ps', '--all', '--filter', `label=com.docker.compose.project=${PROJECT}`, '--filter', `label=com.docker.compose.service=${service}`, '--format', '{{.Names}}');
  return names.split('\n').filter((name) => name !== '').sort();
}

/** Freezes containers: connections stay open and nothing answers. */
export async function pause(...containers: readonly string[]): Promise<void> {
  await docker('pause', ...containers);
}

export async function unpause(...containers: readonly string[]): Promise<void> {
  await docker('unpause', ...containers);
}

/** SIGKILL. */
export async function kill(...containers: readonly string[]): Promise<void> {
  await docker('kill', '--signal', 'KILL', ...containers);
}

export async function start(...containers: readonly string[]): Promise<void> {
  await docker('start', ...containers);
}

/** SIGTERM, time to finish, start. */
export async function restart(container: string, graceSeconds = 20): Promise<void> {
  await docker('restart', '--time', String(graceSeconds), container);
}

/** Takes containers off a network: packets from there and to there go nowhere. */
export async function disconnect(network: string, ...containers: readonly string[]): Promise<void> {
  for (const container of containers) await docker('network', 'disconnect', networkOf(network), container);
}

/** @param aliases names of the service on that network */
export async function connect(network: string, aliases: readonly string[], ...containers: readonly string[]): Promise<void> {
  for (const container of containers) await docker('network', 'connect', ...aliases.flatMap((alias) => ['--alias', alias]), networkOf(network), container);
}

/** Whether a service's container says that it is ready. */
export async function isReady(container: string): Promise<boolean> {
  return docker('exec', container, 'healthy', '8080', '/health/ready').then(() => true, () => false);
}

/** Runs redis-cli in a domain's Redis. */
export function redisCli(domain: string, ...command: readonly string[]): Promise<string> {
  const script = 'REDISCLI_AUTH=$(sed -n "s/^requirepass //p" /private/redis.conf) exec redis-cli "$@"';
  return docker('exec', containerOf(`${domain}-redis`), 'bash', '-c', script, 'redis-cli', ...command);
}
