import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { connectPatienceMs, connectRedis, openRedis, redisFailure, type RedisConnection, type RedisConnectionOptions } from '@uma-federation/redis';
import { BusClient, type BusClientLimits, type OutgoingMessage } from './bus-client.ts';
import { BusKeys } from './bus-keys.ts';
import { BusRefusal } from './bus-refusal.ts';
import { CommandBatches } from './command-batches.ts';
import { RedisReplyReader } from './redis-reply-reader.ts';
import { RedisTime } from './redis-time.ts';
import { encodeRequest } from './request-message.ts';

/** What a client needs to know. */
export interface RedisStreamsClientOptions extends BusClientLimits {
  readonly redis: RedisConnectionOptions;
  /** The service that it asks. */
  readonly service: string;
  readonly keyPrefix?: string | undefined;
  /** Requests that wait in Redis for the service, about; the oldest ones are dropped above it. Default 10,000. */
  readonly maxStreamLength?: number | undefined;
}

const RETRY_MS = 100;

/**
 * Asks a service over Redis Streams. One client per service and process: it has two connections and one stream of answers.
 * When Redis is away it refuses within `commandTimeoutMs`, at once when that is known.
 */
export class RedisStreamsClient extends BusClient {
  readonly #requestsKey: string;
  readonly #repliesKey: string;
  readonly #maxStreamLength: number;
  readonly #patienceMs: number;
  readonly #reader: RedisConnection;
  readonly #commands: RedisConnection;
  readonly #batches: CommandBatches;
  readonly #replies: RedisReplyReader;
  readonly #time: RedisTime;
  readonly #stop = new AbortController();
  #opened: Promise<void> | undefined;
  #loop: Promise<void> | undefined;

  /** Opens no connection yet: `connect`, or the first request, does. */
  constructor(options: RedisStreamsClientOptions) {
    super(options);
    const { redis, service } = options;
    const keys = new BusKeys(options.keyPrefix);
    this.#requestsKey = keys.requests(service);
    this.#repliesKey = keys.replies(randomUUID());
    this.#maxStreamLength = options.maxStreamLength ?? 10_000;
    this.#patienceMs = connectPatienceMs(redis);
    this.#reader = connectRedis(redis, { name: `${service}-bus-replies`, blockMs: RedisReplyReader.blockMs });
    this.#commands = connectRedis(redis, { name: `${service}-bus-requests` });
    this.#batches = new CommandBatches(this.#commands);
    this.#replies = new RedisReplyReader(this.#repliesKey, { reader: this.#reader, commands: this.#commands });
    this.#time = new RedisTime(this.#commands);
  }

  /** Called by Nest before every request: opens the connections once, and costs nothing from then on. Does not reject. */
  override connect(): Promise<void> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#stop.abort();
    if (this.#commands.status === 'ready') await this.#commands.call('DEL', this.#repliesKey).catch(() => undefined);
    this.#reader.disconnect();
    this.#commands.disconnect();
    await this.#loop;
  }

  /** The connections: the one that reads answers, and the one for everything else. */
  unwrap<T = readonly [reader: RedisConnection, commands: RedisConnection]>(): T {
    return [this.#reader, this.#commands] as T;
  }

  protected override async transmit({ timeoutMs, ...message }: OutgoingMessage): Promise<void> {
    const now = await this.#ask(() => this.#time.now());
    const text = encodeRequest({ ...message, replyTo: this.#repliesKey, deadline: Math.ceil(now + timeoutMs) });
    await this.#ask(() => this.#batches.run(this.#requestsKey, [['XADD', this.#requestsKey, 'MAXLEN', '~', this.#maxStreamLength, '*', 'm', text]]));
  }

  /** Nobody answered; or they did and it was not heard: Redis may have started anew, with another time and other ids. */
  protected override timedOut(): void {
    this.#time.forget();
    this.#replies.rewind();
  }

  async #open(): Promise<void> {
    if (this.closed) return;
    await openRedis([this.#reader, this.#commands], this.#patienceMs);
    this.#loop = this.#readReplies();
  }

  async #ask<T>(command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (error) {
      throw new BusRefusal('bus_unavailable', redisFailure(error, this.#commands));
    }
  }

  async #readReplies(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        for (const text of await this.#replies.next()) this.receive(text);
        this._status$.next('connected');
      } catch {
        if (this.#stop.signal.aborted) return;
        this._status$.next('disconnected');
        this.#replies.rewind();
        await delay(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }
}
