import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { connectPatienceMs, connectRedis, openRedis, redisFailure, type RedisConnection, type RedisConnectionOptions } from '@uma-federation/redis';
import { BusKeys } from './bus-keys.ts';
import { BusServer } from './bus-server.ts';
import { CommandBatches } from './command-batches.ts';
import { InFlight } from './in-flight.ts';
import { isMissingGroup } from './missing-group.ts';
import { RedisReplyWriter } from './redis-reply-writer.ts';
import { RedisRequestStream, type TakenRequest } from './redis-request-stream.ts';
import { RedisTime } from './redis-time.ts';
import { encodeReply, type Outcome } from './reply-message.ts';
import { RequestContext } from './request-context.ts';
import { decodeRequest, type RequestMessage } from './request-message.ts';

/** What a replica needs to know. Times in milliseconds. */
export interface RedisStreamsServerOptions {
  readonly redis: RedisConnectionOptions;
  /** The service whose requests it answers; its replicas share them out. */
  readonly service: string;
  readonly keyPrefix?: string | undefined;
  /** Requests that it works on at a time. Default 64. */
  readonly maxConcurrent?: number | undefined;
  /** A request whose replica has been silent for this long goes to another one. Default 500: well below the clients' time limit. */
  readonly claimAfterMs?: number | undefined;
  /** A request that was handed out more often has killed replicas: it is refused and dropped. Default 3. */
  readonly maxDeliveries?: number | undefined;
  /** How long `close` waits for requests under way. Default 5000. */
  readonly drainTimeoutMs?: number | undefined;
}

const RETRY_MS = 100;
const FORGET_DEAD_EVERY_MS = 60_000;

/**
 * A Nest transport on which one replica of many answers each request.
 *
 * A request is acknowledged after its answer was sent; until then it belongs to a replica that says every now and then that it is alive.
 * So a handler runs at least once while its caller waits, and more than once only when a replica fell silent or lost Redis: handlers are
 * idempotent by `RequestContext.messageId`. After its deadline a request is not begun.
 */
export class RedisStreamsServer extends BusServer {
  readonly #options: RedisStreamsServerOptions;
  readonly #claimAfterMs: number;
  readonly #reader: RedisConnection;
  readonly #commands: RedisConnection;
  readonly #requests: RedisRequestStream;
  readonly #replies: RedisReplyWriter;
  readonly #time: RedisTime;
  readonly #inFlight: InFlight;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #keeper: NodeJS.Timeout | undefined;
  #claimedAt = 0;
  #forgotDeadAt = performance.now();
  #connected: boolean | undefined;

  /** Opens no connection yet: `listen` does. */
  constructor(options: RedisStreamsServerOptions) {
    super();
    this.#options = options;
    this.#claimAfterMs = options.claimAfterMs ?? 500;
    const { service, redis } = options;
    const keys = new BusKeys(options.keyPrefix);
    this.#reader = connectRedis(redis, { name: `${service}-bus-reader`, blockMs: this.#blockMs });
    this.#commands = connectRedis(redis, { name: `${service}-bus` });
    const batches = new CommandBatches(this.#commands);
    this.#requests = new RedisRequestStream(
      { key: keys.requests(service), group: service, consumer: randomUUID() },
      { reader: this.#reader, commands: this.#commands, batches },
      this.#claimAfterMs,
    );
    this.#replies = new RedisReplyWriter(batches, keys);
    this.#time = new RedisTime(this.#commands);
    this.#inFlight = new InFlight(options.maxConcurrent ?? 64);
  }

  /** Starts to take requests. Succeeds without Redis too: HTTP goes on, and `status` says `connected` once requests are taken. */
  async listen(callback: (error?: Error) => void): Promise<void> {
    await openRedis([this.#reader, this.#commands], connectPatienceMs(this.#options.redis));
    if (!this.#stop.signal.aborted) {
      this.#loop ??= this.#takeRequests();
      this.#keeper ??= setInterval(() => this.#keepRequests(), this.#claimAfterMs / 3);
    }
    callback();
  }

  /** Takes no more requests, finishes those under way, leaves. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#inFlight.settled(this.#options.drainTimeoutMs ?? 5000);
    clearInterval(this.#keeper);
    if (this.#loop !== undefined) await this.#requests.leave().catch(() => undefined);
    this.#reader.disconnect();
    this.#commands.disconnect();
  }

  /** The connections: the one that reads, and the one for everything else. */
  unwrap<T = readonly [reader: RedisConnection, commands: RedisConnection]>(): T {
    return [this.#reader, this.#commands] as T;
  }

  /** A read waits no longer than until the next look for silent replicas. */
  get #blockMs(): number {
    return this.#claimAfterMs / 2;
  }

  async #takeRequests(): Promise<void> {
    let ready = false;
    while (!this.#stop.signal.aborted) {
      try {
        if (!ready) await this.#requests.ensureGroup();
        ready = true;
        this.#report(true);
        await this.#inFlight.waitForRoom(this.#stop.signal);
        if (this.#stop.signal.aborted) return;
        for (const request of await this.#next()) this.#start(request);
      } catch (error) {
        ready = false;
        if (isMissingGroup(error)) continue;
        this.#report(false, error);
        await delay(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  async #next(): Promise<TakenRequest[]> {
    const now = performance.now();
    if (now - this.#forgotDeadAt >= FORGET_DEAD_EVERY_MS) {
      this.#forgotDeadAt = now;
      await this.#requests.forgetDead();
    }
    if (now - this.#claimedAt < this.#blockMs) return this.#requests.take(this.#inFlight.free, this.#blockMs);
    this.#claimedAt = now;
    return this.#requests.claim(this.#inFlight.free, this.#inFlight.ids);
  }

  /** Fails only when Redis does; others may then take over what this replica has not answered, which is what they are for. */
  #keepRequests(): void {
    const awaited = this.#inFlight.awaited(this.#time.current());
    if (awaited.length > 0) this.#requests.keep(awaited).catch(() => undefined);
  }

  #start(request: TakenRequest): void {
    const work = async () => {
      try {
        await this.#handle(request);
      } catch (error) {
        // Redis has failed: the request stays pending, and whoever takes it over answers it.
        this.logger.warn(`a request was not answered or not acknowledged (${redisFailure(error, this.#commands)})`);
      }
    };
    void this.#inFlight.start(request.id, work);
  }

  async #handle(taken: TakenRequest): Promise<void> {
    const message = taken.text === undefined ? undefined : decodeRequest(taken.text);
    if (message === undefined || !this.#replies.accepts(message.replyTo)) {
      this.logger.warn('a message on the bus that is no request was dropped');
      return this.#requests.acknowledge(taken.id);
    }
    const now = await this.#time.now();
    if (message.deadline <= now) return this.#requests.acknowledge(taken.id);
    this.#inFlight.setDeadline(taken.id, message.deadline);
    const outcome = await this.#outcome(message, taken.deliveries);
    if (message.deadline > this.#time.current()) await this.#replies.send(message.replyTo, encodeReply(message.correlation, outcome));
    await this.#requests.acknowledge(taken.id);
  }

  async #outcome(message: RequestMessage, deliveries: number): Promise<Outcome> {
    if (deliveries <= (this.#options.maxDeliveries ?? 3)) {
      return this.answer(message, new RequestContext(message, deliveries, () => this.#time.current()));
    }
    this.logger.error(`request ${message.id} (${message.pattern}) was handed out ${deliveries} times and never answered: dropped`);
    return { failure: { error: 'server_error', status: 500, reason: 'bus_poison_message' } };
  }

  /** Says once that Redis has gone, and once that it is back. */
  #report(connected: boolean, error?: unknown): void {
    if (connected === this.#connected || this.#stop.signal.aborted) return;
    this.#connected = connected;
    this._status$.next(connected ? 'connected' : 'disconnected');
    if (connected) this.logger.log('taking requests');
    else this.logger.warn(`takes no requests: Redis has failed (${redisFailure(error, this.#reader)})`);
  }
}
