import type { RedisConnection } from '@uma-federation/redis';

const STALE_AFTER_MS = 60_000;

/**
 * The clock of Redis, by which deadlines travel: clocks of the services may be minutes apart. In milliseconds, a round trip's half exact.
 * Nodes of one cluster, and a primary and its successor, are expected to agree among themselves.
 */
export class RedisTime {
  readonly #connection: RedisConnection;
  /** Redis' time at the zero of `performance.now()`, which does not jump. The local one until Redis was asked. */
  #originMs = performance.timeOrigin;
  #measuredAt: number | undefined;
  #measuring: Promise<void> | undefined;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
    // The next connection may lead to another server.
    connection.on('ready', () => this.forget());
  }

  /** Asks Redis first when its time is not known; only in passing when it was asked more than a minute ago. */
  async now(): Promise<number> {
    if (this.#measuredAt === undefined) await this.#measure();
    else if (performance.now() - this.#measuredAt > STALE_AFTER_MS) this.#measure().catch(() => undefined);
    return this.current();
  }

  /** Without asking, by what is known. */
  current(): number {
    return performance.now() + this.#originMs;
  }

  /** Ask again before the next use. */
  forget(): void {
    this.#measuredAt = undefined;
  }

  #measure(): Promise<void> {
    this.#measuring ??= this.#ask().finally(() => (this.#measuring = undefined));
    return this.#measuring;
  }

  async #ask(): Promise<void> {
    const askedAt = performance.now();
    const [seconds, microseconds] = (await this.#connection.call('TIME')) as [string, string];
    this.#measuredAt = performance.now();
    this.#originMs = Number(seconds) * 1000 + Number(microseconds) / 1000 - (askedAt + this.#measuredAt) / 2;
  }
}
