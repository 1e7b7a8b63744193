import type { Clock } from '../../src/index.ts';

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  #nowEpochMs = 1_700_000_000_000;
  readonly #timers = new Set<{ atEpochMs: number; action: () => void }>();

  nowEpochMs(): number {
    return this.#nowEpochMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { atEpochMs: this.#nowEpochMs + delayMs, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that wait for `delayMs` from now or longer. */
  pending(): readonly number[] {
    return [...this.#timers].map((timer) => timer.atEpochMs - this.#nowEpochMs).sort((a, b) => a - b);
  }

  advance(byMs: number): void {
    this.#nowEpochMs += byMs;
    for (const timer of [...this.#timers]) {
      if (timer.atEpochMs <= this.#nowEpochMs && this.#timers.delete(timer)) timer.action();
    }
  }
}
