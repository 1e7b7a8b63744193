import type { RedisConnection } from '@uma-federation/redis';

/** Asks Redis for its time; returns a clock (NumericDate) that may be a round trip behind that of Redis, never ahead of it. */
export async function redisNow(connection: RedisConnection): Promise<() => number> {
  const [seconds, microseconds] = (await connection.call('TIME')) as [string, string];
  const zero = Number(seconds) + Number(microseconds) / 1e6 - performance.now() / 1000;
  return () => Math.floor(zero + performance.now() / 1000);
}
