import type { Clock } from '@uma-federation/uma-core';

/** The time of this machine. */
export class SystemClock implements Clock {
  /** @inheritdoc */
  now(): number {
    return Math.floor(Date.now() / 1000);
  }
}
