import { createHash } from 'node:crypto';
import { temporarilyUnavailable, type ReplayGuard } from '@uma-federation/uma-core';
import { redisFailure, type RedisConnection } from '@uma-federation/redis';

/** How a guard names its keys. */
export interface RedisReplayGuardOptions {
  /** Before every key. Default `uma`. Services that use one Redis and the same namespaces share what they have seen. */
  readonly keyPrefix?: string | undefined;
}

/** For how long an identifier is remembered after its window, in seconds. */
const MARGIN_SECONDS = 5;

/**
 * KEYS[1]: the identifier. ARGV[1]: end of its window, NumericDate. ARGV[2]: when to forget it, in milliseconds.
 * SET alone says OK again and again when PXAT has passed by Redis' clock; so a window that is over is refused by that same clock.
 */
const FIRST_SEEN = `
if tonumber(redis.call('TIME')[1]) >= tonumber(ARGV[1]) then return false end
return redis.call('SET', KEYS[1], '', 'NX', 'PXAT', ARGV[2])`;

/**
 * Identifiers seen by all replicas that share a Redis. One command decides, by Redis' clock alone: what is forgotten is past its window there,
 * and refused for that. What Redis loses (FLUSHALL, failover) may be used again within its window: nothing for tickets.
 */
export class RedisReplayGuard implements ReplayGuard {
  readonly #redis: RedisConnection;
  readonly #keyPrefix: string;

  /** @param redis from `connectRedis`, whose time limit for commands is that of `firstSeen` */
  constructor(redis: RedisConnection, options: RedisReplayGuardOptions = {}) {
    this.#redis = redis;
    this.#keyPrefix = options.keyPrefix ?? 'uma';
  }

  /**
   * @param expiresAt NumericDate. One that Redis' clock has reached is refused: the identifier may have been seen and forgotten
   * @throws ProtocolError 503 `replay_guard_unavailable` when Redis does not say, whether or not it has noted the identifier
   */
  async firstSeen(namespace: string, issuer: string, id: string, expiresAt: number): Promise<boolean> {
    // Not joined by a separator: what strangers write must not read like another pair.
    const digest = createHash('sha256').update(JSON.stringify([issuer, id])).digest('base64url');
    const key = `${this.#keyPrefix}:replay:${namespace}:${digest}`;
    try {
      return (await this.#redis.eval(FIRST_SEEN, 1, key, expiresAt, (expiresAt + MARGIN_SECONDS) * 1000)) === 'OK';
    } catch (error) {
      throw temporarilyUnavailable('replay_guard_unavailable', 1, redisFailure(error, this.#redis));
    }
  }
}
