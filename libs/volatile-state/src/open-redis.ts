import type { RedisConnection } from './connect-redis.ts';

/**
 * Opens a connection and waits for it, but not for ever: with unreachable Sentinels ioredis would.
 * What is not open by then keeps trying in the background, until `disconnect()`.
 * @param timeoutMs how long to wait: 800 is time for the socket and the first answer by the default limits
 * @returns whether it is open
 */
export async function openRedis(connection: RedisConnection, timeoutMs = 800): Promise<boolean> {
  const opened = connection.connect().then(
    () => true,
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  return await Promise.race([opened, late]).finally(() => clearTimeout(timer));
}
