import { temporarilyUnavailable, type Clock, type ReplayGuard } from '@uma-federation/uma-core';

/** How much a guard may hold. */
export interface MemoryReplayGuardOptions {
  /** Identifiers remembered at a time. Default 100,000 (about 20 MB). */
  readonly capacity?: number;
}

/**
 * Identifiers seen by this process. Right for a service of one replica: others do not see what it has seen.
 * When it is full it refuses: forgetting an identifier before its window ends would let a replay through.
 */
export class MemoryReplayGuard implements ReplayGuard {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #seen = new Set<string>();
  /** Keys by the NumericDate at which they may be forgotten. */
  readonly #byExpiry = new Map<number, string[]>();
  #tidiedAt: number;

  constructor(clock: Clock, options: MemoryReplayGuardOptions = {}) {
    this.#clock = clock;
    this.#capacity = options.capacity ?? 100_000;
    this.#tidiedAt = clock.now();
  }

  /** @throws ProtocolError 503 `replay_guard_full` */
  async firstSeen(namespace: string, issuer: string, id: string, expiresAt: number): Promise<boolean> {
    this.#forgetExpired(this.#clock.now());
    // The window is over, if only by a clock that has been set back since: this identifier may have been seen and forgotten.
    if (expiresAt <= this.#tidiedAt) return false;
    const key = JSON.stringify([namespace, issuer, id]);
    if (this.#seen.has(key)) return false;
    if (this.#seen.size >= this.#capacity) throw temporarilyUnavailable('replay_guard_full', 1);
    this.#seen.add(key);
    const together = this.#byExpiry.get(expiresAt);
    if (together === undefined) this.#byExpiry.set(expiresAt, [key]);
    else together.push(key);
    return true;
  }

  /** Looks at each expiry time once a second, however many identifiers there are. */
  #forgetExpired(now: number): void {
    if (now <= this.#tidiedAt) return;
    this.#tidiedAt = now;
    for (const [expiresAt, keys] of this.#byExpiry) {
      if (expiresAt > now) continue;
      this.#byExpiry.delete(expiresAt);
      for (const key of keys) this.#seen.delete(key);
    }
  }
}
