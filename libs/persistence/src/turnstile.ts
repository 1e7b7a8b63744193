import { StoreTimeout } from './store-failure.ts';

/** Lets a bounded number of callers in, the others wait in line, each no longer than a deadline. */
export class Turnstile {
  readonly #waiting = new Set<() => void>();
  readonly #timeoutMs: number;
  #free: number;

  /**
   * @param places how many may be inside
   * @param timeoutMs how long one may wait outside
   */
  constructor(places: number, timeoutMs: number) {
    this.#free = places;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Resolves when there is a place, first come, first served. Every `enter` that resolves needs one `leave`.
   * @throws StoreTimeout `pool_wait`; the caller is then out of the line
   */
  async enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const proceed = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(proceed);
        reject(new StoreTimeout('pool_wait'));
      }, this.#timeoutMs);
      this.#waiting.add(proceed);
    });
  }

  /** Hands the place to whoever has waited longest. */
  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
