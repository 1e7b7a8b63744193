import { Redis, type RedisOptions } from 'ioredis';

/** ioredis asks unreachable Sentinels again and again, also after `disconnect`: this connection then stops. */
export class SentinelRedis extends Redis {
  readonly #life: { over: boolean };

  constructor(options: RedisOptions, retryDelayMs: (attempt: number) => number) {
    const life = { over: false };
    const own: RedisOptions = { ...options, sentinelRetryStrategy: (attempt) => (life.over ? null : retryDelayMs(attempt)) };
    super(own);
    this.#life = life;
  }

  override disconnect(reconnect = false): void {
    if (!reconnect) this.#life.over = true;
    super.disconnect(reconnect);
  }
}
