import type { Database, TransactionSql } from '../src/database.ts';
import { eventually } from './eventually.ts';

/** A transaction that has done its work and waits to be told how to end. */
export interface HeldTransaction {
  /** Resolves when at least one other session of this database waits for a lock. */
  someoneWaits(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

/** Does the work in a transaction and keeps it open: what concurrent statements meet, made to last. */
export async function holdTransaction(owner: Database, work: (sql: TransactionSql) => Promise<unknown>): Promise<HeldTransaction> {
  let end: (commit: boolean) => void = () => undefined;
  const decision = new Promise<boolean>((resolve) => (end = resolve));
  let done: () => void = () => undefined;
  const worked = new Promise<void>((resolve) => (done = resolve));
  const transaction = owner
    .transaction(async (sql) => {
      await work(sql);
      done();
      if (!(await decision)) throw new RolledBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof RolledBack)) throw error;
    });
  await Promise.race([worked, transaction]);
  return {
    someoneWaits: () =>
      eventually(async () => {
        const [row] = await owner.run(
          (sql) => sql<{ waiting: number }[]>`select count(*) as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return row !== undefined && row.waiting > 0;
      }),
    commit: () => (end(true), transaction),
    rollback: () => (end(false), transaction),
  };
}

class RolledBack extends Error {}
