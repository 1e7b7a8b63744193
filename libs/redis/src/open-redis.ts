import type { RedisConnection } from './connect-redis.ts';
import { DEFAULT_COMMAND_TIMEOUT_MS, DEFAULT_CONNECT_TIMEOUT_MS, type RedisConnectionOptions } from './redis-connection-options.ts';

/** How long to wait for a connection to open: for its socket, and for the first answer. */
export function connectPatienceMs(options: Pick<RedisConnectionOptions, 'connectTimeoutMs' | 'commandTimeoutMs'>): number {
  return (options.connectTimeoutMs ?? DEFAULT_CONNECT_TIMEOUT_MS) + (options.commandTimeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS);
}

/**
 * Opens connections and waits for them, but not for ever: with unreachable Sentinels ioredis would.
 * What is not open by then keeps trying in the background.
 * @returns whether all are open
 */
export async function openRedis(connections: readonly RedisConnection[], timeoutMs = connectPatienceMs({})): Promise<boolean> {
  const opened = Promise.all(connections.map((connection) => connection.connect())).then(
    () => true,
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  return await Promise.race([opened, late]).finally(() => clearTimeout(timer));
}
