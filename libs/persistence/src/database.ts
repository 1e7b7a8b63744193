import { ConnectionPool, type PoolLimits, type ServerAddress, type Sql, type Statement, type TransactionSql } from './connection-pool.ts';
import { isLostConnection, isRolledBackConflict, StoreTimeout, toStoreFailure } from './store-failure.ts';
import { Turnstile } from './turnstile.ts';

export type { Sql, TransactionSql };

/** How to reach PostgreSQL, and how long to wait for it. */
export interface DatabaseOptions extends ServerAddress {
  /** Connections of this process. Default 10. */
  readonly maxConnections?: number;
  /** From opening a socket to being signed in. Default 1000. */
  readonly connectTimeoutMs?: number;
  /** The server cancels a statement after this time. Default 1500. */
  readonly statementTimeoutMs?: number;
  /** Until a connection is free; the driver itself would wait for ever. Default 1000. */
  readonly poolWaitTimeoutMs?: number;
  /** Until the caller has an answer or a refusal, whatever happens. Default `statementTimeoutMs` + 400. */
  readonly answerTimeoutMs?: number;
}

const BACKOFF_MS = 500;
const ANSWER_MARGIN_MS = 400;
/** A connection that is silent this long past every limit counts as dead. */
const SILENCE_MARGIN_MS = 500;
const CLOSE_PATIENCE_MS = 5000;
const ATTEMPTS = 3;

/** A pool of connections whose every statement is answered or refused within a deadline. */
export class Database {
  readonly #address: ServerAddress;
  readonly #limits: PoolLimits;
  readonly #turnstile: Turnstile;
  readonly #answerTimeoutMs: number;
  readonly #retired = new Set<Promise<void>>();
  #pool: ConnectionPool;

  /** Opens no connection yet: the first statement does. */
  constructor(options: DatabaseOptions) {
    const { maxConnections = 10, connectTimeoutMs = 1000, statementTimeoutMs = 1500, poolWaitTimeoutMs = 1000 } = options;
    this.#address = options;
    this.#limits = { maxConnections, connectTimeoutMs, statementTimeoutMs, backoffMs: BACKOFF_MS };
    // As many statements as connections: the driver has no limit for its own queue, and what waits in there cannot be taken back.
    this.#turnstile = new Turnstile(maxConnections, poolWaitTimeoutMs);
    this.#answerTimeoutMs = options.answerTimeoutMs ?? statementTimeoutMs + ANSWER_MARGIN_MS;
    this.#pool = new ConnectionPool(this.#address, this.#limits);
  }

  /**
   * Runs one statement, which is its own transaction. Prepared on each connection at first use.
   * A statement that lost to a concurrent one (deadlock, serialization failure) was rolled back whole and is tried again, twice.
   * A statement whose connection was lost is not tried again: nobody knows whether it took effect.
   * @throws ProtocolError 503 when there is no answer in time, 400 when a value cannot be stored; StatementFault for any other fault
   */
  async run<T extends readonly object[]>(statement: Statement<T>): Promise<T> {
    const deadline = performance.now() + this.#answerTimeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#turnstile.enter();
        return await this.#answer(statement, deadline - performance.now());
      } catch (error) {
        if (attempt === ATTEMPTS || !isRolledBackConflict(error)) throw toStoreFailure(error);
      }
    }
  }

  /** Runs statements in one transaction, without a deadline: for migrations, not for requests. Errors come through unchanged. */
  async transaction<T>(work: (sql: TransactionSql) => Promise<T>): Promise<T> {
    return (await this.#pool.sql.begin(work)) as T;
  }

  /** Waits up to 5 s for running statements, then closes every connection. */
  async close(): Promise<void> {
    await Promise.all([this.#pool.close(CLOSE_PATIENCE_MS), ...this.#retired]);
  }

  /** The place in the turnstile is kept until the statement itself has ended, not only until its caller has been answered. */
  #answer<T extends readonly object[]>(statement: Statement<T>, timeoutMs: number): Promise<T> {
    const pool = this.#pool;
    const { connectTimeoutMs, backoffMs, statementTimeoutMs } = this.#limits;
    return new Promise<T>((resolve, reject) => {
      const answer = setTimeout(() => reject(new StoreTimeout('answer')), timeoutMs);
      // The server ends every statement by itself: longer silence means that the connection is dead, as after a network partition.
      const silence = setTimeout(() => this.#retire(pool), connectTimeoutMs + backoffMs + statementTimeoutMs + SILENCE_MARGIN_MS);
      void pool
        .run(statement)
        .then(resolve, (error: Error) => {
          if (isLostConnection(error)) this.#retire(pool);
          reject(error);
        })
        .finally(() => {
          clearTimeout(answer);
          clearTimeout(silence);
          this.#turnstile.leave();
        });
    });
  }

  /**
   * New statements get new connections; what still runs on the old ones may end in peace.
   * Also where only one connection was lost: the driver would give that connection's last error to the next statement on it.
   */
  #retire(pool: ConnectionPool): void {
    if (this.#pool !== pool) return;
    this.#pool = new ConnectionPool(this.#address, this.#limits);
    const retired = pool.close(this.#limits.statementTimeoutMs + SILENCE_MARGIN_MS).finally(() => this.#retired.delete(retired));
    this.#retired.add(retired);
  }
}

/**
 * Opens a database.
 * @param options address and time limits, in milliseconds
 */
export function connect(options: DatabaseOptions): Database {
  return new Database(options);
}
