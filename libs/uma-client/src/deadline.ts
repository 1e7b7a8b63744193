import { UmaError } from './uma-error.ts';

/** The time limit of one call, joined with the caller's own abort signal. */
export class Deadline {
  readonly #expiry = new AbortController();
  readonly #callerSignal: AbortSignal | undefined;
  /** Aborted when the time is up or the caller aborts. */
  readonly signal: AbortSignal;
  #remainingMs: number;
  #startedAtMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts counting. @param timeoutMs milliseconds that the servers have, all together */
  constructor(timeoutMs: number, callerSignal?: AbortSignal) {
    this.#remainingMs = timeoutMs;
    this.#callerSignal = callerSignal;
    this.signal = callerSignal === undefined ? this.#expiry.signal : AbortSignal.any([callerSignal, this.#expiry.signal]);
    this.#start();
  }

  /** Waits for a person: the time does not count. */
  async pausedFor<T>(work: () => Promise<T>): Promise<T> {
    this.stop();
    this.#remainingMs = Math.max(0, this.#remainingMs - (performance.now() - this.#startedAtMs));
    try {
      return await work();
    } finally {
      this.#start();
    }
  }

  /** Stops counting; from then on only the caller's own signal aborts the body of the response. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  /**
   * What to throw for an error that was caught while the deadline ran: the caller's abort reason stays what it is.
   * @param step the step of seed 003 that was reached
   */
  explain(error: unknown, step: number): unknown {
    if (this.#callerSignal?.aborted === true) return this.#callerSignal.reason;
    if (this.#expiry.signal.aborted) return new UmaError('deadline_exceeded', { cause: error, step });
    return error instanceof UmaError ? error.at(step) : error;
  }

  #start(): void {
    this.#startedAtMs = performance.now();
    this.#timer = setTimeout(() => this.#expiry.abort(), this.#remainingMs);
  }
}
