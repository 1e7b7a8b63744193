import { connectPatienceMs, connectRedis, openRedis, type RedisConnection } from '@uma-federation/redis';
import { BusKeys } from './bus-keys.ts';
import type { DomainEventOf, DomainEventType } from './domain-event.ts';
import { EventHandlers } from './event-handlers.ts';
import type { EventSubscriber } from './events.ts';
import type { RedisEventOptions } from './redis-event-publisher.ts';

/** Whoever only listens learns by asking that nobody speaks any more. */
const ASK_EVERY_MS = 1000;

/**
 * Hears events over pub/sub and listens again by itself after any interruption.
 * On a cluster ioredis moves the subscription to another node in silence: `onResumed` is then called only when the whole cluster was away.
 */
export class RedisEventSubscriber implements EventSubscriber {
  readonly #connection: RedisConnection;
  readonly #channel: string;
  readonly #patienceMs: number;
  readonly #handlers = new EventHandlers();
  #listening = false;
  #asking: NodeJS.Timeout | undefined;

  /** Opens no connection yet: `start` does. */
  constructor(options: RedisEventOptions) {
    this.#connection = connectRedis(options.redis, { name: 'bus-subscriber' });
    this.#channel = new BusKeys(options.keyPrefix).events();
    this.#patienceMs = connectPatienceMs(options.redis);
  }

  /** Begins to listen. Succeeds without Redis too: it then begins as soon as Redis is there. */
  async start(): Promise<void> {
    this.#connection.on('ready', () => void this.#listen());
    this.#connection.on('close', () => (this.#listening = false));
    this.#connection.on('message', (_channel: string, text: string) => this.#handlers.receive(text));
    // A lost connection is noticed by the connection itself, when nothing comes back for this.
    this.#asking = setInterval(() => void this.#connection.ping().catch(() => undefined), ASK_EVERY_MS);
    await openRedis([this.#connection], this.#patienceMs);
  }

  /** Whether events arrive. */
  get state(): 'listening' | 'deaf' {
    return this.#listening ? 'listening' : 'deaf';
  }

  on<T extends DomainEventType>(type: T, handler: (event: DomainEventOf<T>) => unknown): () => void {
    return this.#handlers.add(type, handler);
  }

  onResumed(handler: () => unknown): () => void {
    if (this.#listening) this.#handlers.invoke(handler, undefined);
    return this.#handlers.add('resumed', handler);
  }

  async close(): Promise<void> {
    clearInterval(this.#asking);
    this.#connection.disconnect();
  }

  async #listen(): Promise<void> {
    try {
      await this.#connection.subscribe(this.#channel);
    } catch {
      // Too late or refused: from the beginning, with another connection.
      this.#connection.disconnect(true);
      return;
    }
    this.#listening = true;
    this.#handlers.resumed();
  }
}
