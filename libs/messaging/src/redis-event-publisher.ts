import { connectPatienceMs, connectRedis, openRedis, type RedisConnection, type RedisConnectionOptions } from '@uma-federation/redis';
import { BusKeys } from './bus-keys.ts';
import { encodeEvent, type DomainEvent } from './domain-event.ts';
import type { EventPublisher } from './events.ts';

/** Where events go. */
export interface RedisEventOptions {
  readonly redis: RedisConnectionOptions;
  readonly keyPrefix?: string | undefined;
}

/** Publishes events over pub/sub. It answers within `commandTimeoutMs` whatever Redis does. */
export class RedisEventPublisher implements EventPublisher {
  readonly #connection: RedisConnection;
  readonly #channel: string;
  readonly #patienceMs: number;
  #opened: Promise<boolean> | undefined;

  /** Opens no connection yet: the first event does. */
  constructor(options: RedisEventOptions) {
    this.#connection = connectRedis(options.redis, { name: 'bus-publisher' });
    this.#channel = new BusKeys(options.keyPrefix).events();
    this.#patienceMs = connectPatienceMs(options.redis);
  }

  async publish(event: DomainEvent): Promise<boolean> {
    const text = encodeEvent(event);
    this.#opened ??= openRedis([this.#connection], this.#patienceMs);
    await this.#opened;
    return this.#connection.publish(this.#channel, text).then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    this.#connection.disconnect();
  }
}
