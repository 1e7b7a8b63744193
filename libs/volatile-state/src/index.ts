export { connectRedis, type RedisConnection } from './connect-redis.ts';
export * from './memory-rate-limiter.ts';
export * from './memory-replay-guard.ts';
export { openRedis } from './open-redis.ts';
export type { RedisAddress, RedisConnectionOptions, RedisNode } from './redis-connection-options.ts';
export * from './redis-rate-limiter.ts';
export * from './redis-replay-guard.ts';
