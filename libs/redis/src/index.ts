export { connectRedis, type RedisConnection, type RedisConnectionUse } from './connect-redis.ts';
export * from './open-redis.ts';
export type { RedisAddress, RedisConnectionOptions, RedisNode } from './redis-connection-options.ts';
export * from './redis-at.ts';
export { redisFailure } from './redis-failure.ts';
