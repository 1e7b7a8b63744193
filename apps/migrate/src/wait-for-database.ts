import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '@uma-federation/persistence';
import { ProtocolError } from '@uma-federation/uma-core';

/** The database did not answer within the patience. */
export class DatabaseUnavailable extends Error {
  /** @param patienceMs how long it was tried @param detail SQLSTATE or code of the last failure */
  constructor(patienceMs: number, detail: string | undefined) {
    super(`the database did not let us in within ${patienceMs / 1000} s${detail === undefined ? '' : ` (${detail})`}`);
    this.name = 'DatabaseUnavailable';
  }
}

const RETRY_MS = 250;

/**
 * Waits until the database answers a statement. What it says meanwhile may pass, a refused sign-in too: its own set-up may not be done.
 * @param patienceMs milliseconds; it is tried at least once
 * @throws DatabaseUnavailable, or what was thrown when that is no outage
 */
export async function waitForDatabase(database: Database, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      await database.run((sql) => sql<object[]>`select 1`);
      return;
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.status !== 503) throw error;
      if (performance.now() + RETRY_MS > deadline) throw new DatabaseUnavailable(patienceMs, error.detail);
    }
    await pause(RETRY_MS);
  }
}
