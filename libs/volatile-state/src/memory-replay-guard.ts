import { temporarilyUnavailable, type Clock, type ReplayGuard } from '@uma-federation/uma-core';

/** Settings of the replay guard. */
export interface MemoryReplayGuardOptions {
  readonly clock: Clock;
  /** Identifiers that are remembered at a time. Default: 200,000. */
  readonly capacity?: number | undefined;
}

/** Seconds after which expired identifiers are looked for again. */
const SWEEP_PAUSE_SECONDS = 10;

/**
 * A replay guard in the memory of one process: with several replicas, each remembers what it saw itself.
 * At capacity it refuses (503) instead of forgetting an identifier that may still be replayed.
 */
export class MemoryReplayGuard implements ReplayGuard {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #expiries = new Map<string, number>();
  #nextSweepAt = 0;

  constructor(options: MemoryReplayGuardOptions) {
    this.#clock = options.clock;
    this.#capacity = options.capacity ?? 200_000;
  }

  /** @inheritdoc */
  async firstSeen(namespace: string, issuer: string, id: string, expiresAt: number): Promise<boolean> {
    const now = this.#clock.now();
    const key = JSON.stringify([namespace, issuer, id]);
    const known = this.#expiries.get(key);
    if (known !== undefined && known > now) return false;
    if (now >= this.#nextSweepAt || this.#expiries.size >= this.#capacity) this.#sweep(now);
    if (this.#expiries.size >= this.#capacity) throw temporarilyUnavailable('replay_guard_full', 1);
    this.#expiries.set(key, expiresAt);
    return true;
  }

  #sweep(now: number): void {
    this.#nextSweepAt = now + SWEEP_PAUSE_SECONDS;
    for (const [key, expiresAt] of this.#expiries) if (expiresAt <= now) this.#expiries.delete(key);
  }
}
