import type { Clock } from '@uma-federation/uma-core';

/** A clock that stands still until it is told otherwise. */
export class FakeClock implements Clock {
  #now: number;

  /** @param now NumericDate; 2027-01-15T08:00:00Z unless told otherwise */
  constructor(now = 1_800_000_000) {
    this.#now = now;
  }

  /** @inheritdoc */
  now(): number {
    return this.#now;
  }

  /** Sets the time to a NumericDate. */
  set(now: number): void {
    this.#now = now;
  }

  /** Moves the time; negative seconds move it back. */
  advance(seconds: number): void {
    this.#now += seconds;
  }
}
