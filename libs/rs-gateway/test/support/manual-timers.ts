import type { Timers } from '../../src/timers.ts';

/** Timers that fire when the test says so. */
export class ManualTimers implements Timers {
  readonly #pending = new Map<symbol, { readonly dueMs: number; readonly action: () => void }>();
  #nowMs = 0;

  after(delayMs: number, action: () => void): () => void {
    const id = Symbol();
    this.#pending.set(id, { dueMs: this.#nowMs + delayMs, action });
    return () => void this.#pending.delete(id);
  }

  /** Lets time pass and fires what became due, in order. */
  advance(ms: number): void {
    this.#nowMs += ms;
    const due = [...this.#pending].filter(([, { dueMs }]) => dueMs <= this.#nowMs).sort(([, a], [, b]) => a.dueMs - b.dueMs);
    for (const [id, { action }] of due) if (this.#pending.delete(id)) action();
  }
}
