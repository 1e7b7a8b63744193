import { Redis, type RedisOptions } from 'ioredis';

/** ioredis asks unreachable Sentinels again and again, also after `disconnect`: this connection then stops. */
export class SentinelRedis extends Redis {
  readonly #life: { over: boolean };

  constructor(options: RedisOptions, retryDelayMs: (attempt: number) => number) {
    const life = { over: false };
    super({ ...options, replyMapping: 'legacy', sentinelRetryStrategy: (attempt: number) => (life.over ? null : retryDelayMs(attempt)) });
    this.#life = life;
  }

  override disconnect(reconnect = false): void {
    if (!reconnect) this.#life.over = true;
    super.disconnect(reconnect);
  }
}
