import { connectRedis, openRedis, type RedisConnectionOptions } from '@uma-federation/redis';
import type { Clock, RateLimiter, ReplayGuard } from '@uma-federation/uma-core';
import { MemoryRateLimiter } from './memory-rate-limiter.ts';
import { MemoryReplayGuard } from './memory-replay-guard.ts';
import { RedisRateLimiter } from './redis-rate-limiter.ts';
import { RedisReplayGuard } from './redis-replay-guard.ts';

/** Where a service keeps what may be lost. */
export interface VolatileState {
  readonly replays: ReplayGuard;
  /** A budget of `perMinute` for each key. `name` tells the service's budgets apart. */
  limiter(name: string, perMinute: number): RateLimiter;
  /** Opens the connection, if there is one. Succeeds without Redis too: it then opens as soon as Redis is there. */
  open(): Promise<void>;
  close(): void;
}

/** What a service says of its volatile state. */
export interface VolatileStateOptions {
  readonly clock: Clock;
  /** Its replicas share replay windows and budgets. */
  readonly service: string;
  /** Absent: in this process, which is right for a service of one replica. `localShare` and `keyPrefix` as for `RedisRateLimiter`. */
  readonly shared?: { readonly redis: RedisConnectionOptions; readonly localShare: number; readonly keyPrefix: string } | undefined;
}

const WINDOW_SECONDS = 60;
/** A limit has an answer of its own for a Redis that hangs; what comes after it has to wait for one, and both have to fit into a second. */
const LIMIT_PATIENCE_MS = 150;

/** Replay windows and rate limits of one service, on Redis or in this process. Opens no connection yet: `open` does. */
export function createVolatileState({ clock, service, shared }: VolatileStateOptions): VolatileState {
  if (shared === undefined) {
    return {
      replays: new MemoryReplayGuard(clock),
      limiter: (_name, perMinute) => new MemoryRateLimiter({ points: perMinute, durationSeconds: WINDOW_SECONDS }),
      open: async () => undefined,
      close: () => undefined,
    };
  }
  const { redis, localShare, keyPrefix } = shared;
  const connection = connectRedis(redis, { name: service });
  const limits = connectRedis({ ...redis, commandTimeoutMs: LIMIT_PATIENCE_MS }, { name: `${service}-limits` });
  return {
    replays: new RedisReplayGuard(connection, { keyPrefix: `${keyPrefix}:${service}` }),
    limiter: (name, perMinute) =>
      new RedisRateLimiter(limits, { name: `${service}:${name}`, points: perMinute, durationSeconds: WINDOW_SECONDS, localShare, keyPrefix }),
    open: async () => void (await openRedis([connection, limits])),
    close: () => [connection, limits].forEach((each) => each.disconnect()),
  };
}
