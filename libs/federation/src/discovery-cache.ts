import { DiscoveryFailure, type Clock } from '@uma-federation/uma-core';
import { LRUCache } from 'lru-cache';

type Entry<T> =
  | { readonly value: T; readonly expiresAt: number }
  | { readonly failure: DiscoveryFailure; readonly expiresAt: number };

/** Seconds for which a failure is remembered: nothing is asked meanwhile, so this is the circuit breaker, too (protocol.md 6.2 step 7). */
export const NEGATIVE_SECONDS = 60;

/** A bounded cache of what strangers said, failures included; one load per key at a time. */
export class DiscoveryCache<T> {
  readonly #clock: Clock;
  readonly #negativeSeconds: number;
  readonly #entries: LRUCache<string, Entry<T>>;
  readonly #flights = new Map<string, Promise<T>>();

  /**
   * @param maxEntries the least recently used entry goes when there are more
   * @param negativeSeconds for how long a failure is remembered
   */
  constructor(clock: Clock, maxEntries: number, negativeSeconds = NEGATIVE_SECONDS) {
    this.#clock = clock;
    this.#negativeSeconds = negativeSeconds;
    this.#entries = new LRUCache({ max: maxEntries });
  }

  /** Whether `get` would answer from memory or join a load under way. */
  has(key: string): boolean {
    return this.#flights.has(key) || this.#fresh(key) !== undefined;
  }

  /**
   * The value of a key.
   * @param load called when there is no fresh value or failure; its result lives for `lifetimeSeconds`
   * @throws DiscoveryFailure the remembered or new failure; anything else that `load` throws is not remembered
   */
  async get(key: string, load: () => Promise<T & { readonly lifetimeSeconds: number }>): Promise<T> {
    const entry = this.#fresh(key);
    if (entry !== undefined && 'failure' in entry) throw new DiscoveryFailure(entry.failure.reason, { cause: entry.failure });
    if (entry !== undefined) return entry.value;
    const flight = this.#flights.get(key) ?? this.#load(key, load).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  #fresh(key: string): Entry<T> | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && this.#clock.now() < entry.expiresAt ? entry : undefined;
  }

  async #load(key: string, load: () => Promise<T & { readonly lifetimeSeconds: number }>): Promise<T> {
    try {
      const value = await load();
      this.#entries.set(key, { value, expiresAt: this.#clock.now() + value.lifetimeSeconds });
      return value;
    } catch (error) {
      if (error instanceof DiscoveryFailure) this.#entries.set(key, { failure: error, expiresAt: this.#clock.now() + this.#negativeSeconds });
      throw error;
    }
  }
}
