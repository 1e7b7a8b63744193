import { setTimeout as delay } from 'node:timers/promises';

/** The requests that a replica is working on; never more than a number, which is its back-pressure: it takes no more than it can run. */
export class InFlight {
  readonly #limit: number;
  /** When nobody waits for the answer any more, by entry. */
  readonly #deadlines = new Map<string, number>();
  readonly #running = new Set<Promise<void>>();
  #room = Promise.withResolvers<void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many more there may be. */
  get free(): number {
    return this.#limit - this.#running.size;
  }

  /** The entries that are being worked on. */
  get ids(): ReadonlySet<string> {
    return new Set(this.#deadlines.keys());
  }

  /** Those somebody still waits for. */
  awaited(now: number): string[] {
    return [...this.#deadlines].filter(([, deadline]) => deadline > now).map(([id]) => id);
  }

  /** Notes until when an entry is wanted. */
  setDeadline(id: string, deadline: number): void {
    this.#deadlines.set(id, deadline);
  }

  /**
   * Starts the work on an entry.
   * @param work must not reject
   * @returns when the work is done and there is room again
   */
  start(id: string, work: () => Promise<void>): Promise<void> {
    this.#deadlines.set(id, Number.POSITIVE_INFINITY);
    const running = work().finally(() => {
      this.#deadlines.delete(id);
      this.#running.delete(running);
      this.#room.resolve();
    });
    this.#running.add(running);
    return running;
  }

  /** Waits until there is room for one more, or for the signal. */
  async waitForRoom(signal: AbortSignal): Promise<void> {
    while (this.free <= 0 && !signal.aborted) {
      this.#room = Promise.withResolvers<void>();
      const wake = () => this.#room.resolve();
      signal.addEventListener('abort', wake, { once: true });
      await this.#room.promise;
      signal.removeEventListener('abort', wake);
    }
  }

  /** Waits for what is running, at most `patienceMs`. */
  async settled(patienceMs: number): Promise<void> {
    const given = new AbortController();
    const patience = delay(patienceMs, undefined, { signal: given.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.#running), patience]);
    given.abort();
  }
}
