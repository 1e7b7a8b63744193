import type { StateAdapter } from './engine.ts';

interface Kept {
  readonly payload: Record<string, unknown>;
  readonly expiresAtMs: number;
}

/** The provider drops what is expired by its own clock; keeping things a little longer only spares a race with it. */
const GRACE_SECONDS = 60;

/** Above this many records of one kind the oldest go first, so that an open registration endpoint cannot eat the machine. */
const MAX_RECORDS = 100_000;

/**
 * State of one provider, one adapter per kind of record. It is lost on restart.
 * @param nowMs the clock, in milliseconds since 1970
 */
export function memoryState(nowMs: () => number = Date.now): (kind: string) => StateAdapter {
  const kinds = new Map<string, Map<string, Kept>>();
  return (kind) => new MemoryAdapter(recordsOf(kinds, kind), kinds, nowMs);
}

class MemoryAdapter implements StateAdapter {
  readonly #records: Map<string, Kept>;
  readonly #kinds: Map<string, Map<string, Kept>>;
  readonly #nowMs: () => number;

  constructor(records: Map<string, Kept>, kinds: Map<string, Map<string, Kept>>, nowMs: () => number) {
    this.#records = records;
    this.#kinds = kinds;
    this.#nowMs = nowMs;
  }

  async upsert(id: string, payload: Record<string, unknown>, expiresInSeconds?: number): Promise<void> {
    const expiresAtMs = expiresInSeconds === undefined ? Infinity : this.#nowMs() + (expiresInSeconds + GRACE_SECONDS) * 1000;
    this.#records.delete(id);
    this.#records.set(id, { payload, expiresAtMs });
    this.#makeRoom();
  }

  async find(id: string): Promise<Record<string, unknown> | undefined> {
    const record = this.#records.get(id);
    return record !== undefined && record.expiresAtMs > this.#nowMs() ? record.payload : undefined;
  }

  async findByUid(uid: string): Promise<Record<string, unknown> | undefined> {
    return this.#findBy('uid', uid);
  }

  async findByUserCode(userCode: string): Promise<Record<string, unknown> | undefined> {
    return this.#findBy('userCode', userCode);
  }

  async consume(id: string): Promise<void> {
    const record = this.#records.get(id);
    if (record !== undefined) record.payload['consumed'] = Math.floor(this.#nowMs() / 1000);
  }

  async destroy(id: string): Promise<void> {
    this.#records.delete(id);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const records of this.#kinds.values()) {
      for (const [id, { payload }] of records) {
        if (payload['grantId'] === grantId) records.delete(id);
      }
    }
  }

  #findBy(member: string, value: string): Record<string, unknown> | undefined {
    for (const { payload, expiresAtMs } of this.#records.values()) {
      if (payload[member] === value && expiresAtMs > this.#nowMs()) return payload;
    }
    return undefined;
  }

  /** Insertion order is age: expired records at the front go, and the oldest ones when there are too many. */
  #makeRoom(): void {
    for (const [id, { expiresAtMs }] of this.#records) {
      if (expiresAtMs > this.#nowMs() && this.#records.size <= MAX_RECORDS) return;
      this.#records.delete(id);
    }
  }
}

function recordsOf(kinds: Map<string, Map<string, Kept>>, kind: string): Map<string, Kept> {
  const records = kinds.get(kind) ?? new Map<string, Kept>();
  kinds.set(kind, records);
  return records;
}
