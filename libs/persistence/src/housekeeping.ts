import type { Clock } from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';

/**
 * How long rows outlive the expiry of their token: verifiers accept a token for 60 s after `exp`,
 * and the clocks of two replicas may be up to five minutes apart before one of them is taken out of service.
 */
export const RETENTION_SECONDS = 60 + 300;
const BATCH_SIZE = 1000;
/** Tables whose rows nobody needs after `expires_at`. */
const EXPIRING_TABLES = [
  'redeemed_ticket',
  'consumed_claims_token',
  'requesting_party_token',
  'share_withdrawal',
  'authorization_request',
  'persisted_claims',
  'refresh_token',
  'uma1_token',
  'uma1_authorization',
  'protection_refresh_token',
];

/**
 * Deletes what nobody can present any more: ledger rows whose token expired more than `RETENTION_SECONDS` ago.
 * @param now NumericDate
 * @param batchSize rows per statement and table, so that each stays far below the statement timeout
 * @returns how many rows went
 * @throws ProtocolError 503; what was deleted by then stays deleted
 */
export async function forgetExpired(database: Database, now: number, batchSize = BATCH_SIZE): Promise<number> {
  const before = now - RETENTION_SECONDS;
  let total = 0;
  for (const table of EXPIRING_TABLES) {
    for (let deleted = batchSize; deleted === batchSize; ) {
      deleted = (await database.run((sql) => deleteBatch(sql, table, before, batchSize))).length;
      total += deleted;
    }
  }
  return total;
}

function deleteBatch(sql: Sql, table: string, before: number, batchSize: number) {
  const name = sql(`as_ro.${table}`);
  return sql<{ deleted: boolean }[]>`
    delete from ${name}
    where ctid = any(array(select ctid from ${name} where expires_at < ${before} limit ${batchSize}))
    returning true as deleted`;
}

/** When to tidy up, by which clock, and whom to tell about failures. */
export interface HousekeepingOptions {
  readonly intervalMs: number;
  readonly clock: Clock;
  /** The next round comes anyway. */
  readonly onFailure?: (error: unknown) => void;
}

/**
 * Calls `forgetExpired` every `intervalMs`, one round at a time. Any number of replicas may do so. Does not keep the process alive.
 * @returns `stop`, which resolves when no round is running any more
 */
export function startHousekeeping(database: Database, options: HousekeepingOptions): { stop(): Promise<void> } {
  let round: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    round ??= forgetExpired(database, options.clock.now())
      .catch(options.onFailure ?? (() => undefined))
      .finally(() => (round = undefined));
  }, options.intervalMs);
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await round;
    },
  };
}
