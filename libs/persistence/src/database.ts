import postgres from 'postgres';
import { isLostConnection, isRolledBackConflict, StoreTimeout, toStoreFailure } from './store-failure.ts';
import { Turnstile } from './turnstile.ts';

/** The driver's handle; `bigint` columns are NumericDates or counts and read as numbers. */
export type Sql = postgres.Sql<{ bigint: number }>;
/** The driver's handle inside a transaction. */
export type TransactionSql = postgres.TransactionSql<{ bigint: number }>;

/** How to reach PostgreSQL, and how long to wait for it. */
export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`; members below win over its parts. */
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  /** TLS with a verified server certificate; `certificateAuthority` is PEM text for a private authority. */
  readonly tls?: { readonly certificateAuthority?: string };
  /** Connections of this process. Default 10. */
  readonly maxConnections?: number;
  /** From opening a socket to being signed in. Default 1000. */
  readonly connectTimeoutMs?: number;
  /** The server cancels a statement after this time. Default 1500. */
  readonly statementTimeoutMs?: number;
  /** Until a connection is free; the driver itself would wait for ever. Default 1000. */
  readonly poolWaitTimeoutMs?: number;
  /** Until the caller has an answer or a refusal, whatever happens. Default 1900. */
  readonly answerTimeoutMs?: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
}

/** A connection may wait this long before it is opened again (`backoff`), and be silent this long past every limit before it counts as dead. */
const BACKOFF_LIMIT_MS = 500;
const SILENCE_MARGIN_MS = 500;
const CLOSE_TIMEOUT_MS = 5000;
const ATTEMPTS = 3;

type Statement<T extends readonly object[]> = (sql: Sql) => postgres.PendingQuery<T & postgres.Row[]>;

/** A pool of connections whose every statement is answered or refused within a deadline. */
export class Database {
  readonly #options: DatabaseOptions;
  readonly #turnstile: Turnstile;
  readonly #answerTimeoutMs: number;
  readonly #silenceTimeoutMs: number;
  readonly #running = new Set<Promise<unknown>>();
  #sql: Sql;

  /** Opens no connection yet: the first statement does. */
  constructor(options: DatabaseOptions) {
    const connectTimeoutMs = options.connectTimeoutMs ?? 1000;
    const statementTimeoutMs = options.statementTimeoutMs ?? 1500;
    this.#options = { ...options, connectTimeoutMs, statementTimeoutMs, maxConnections: options.maxConnections ?? 10 };
    // As many statements as connections: the driver has no limit for its own queue, and what waits in there cannot be taken back.
    this.#turnstile = new Turnstile(options.maxConnections ?? 10, options.poolWaitTimeoutMs ?? 1000);
    this.#answerTimeoutMs = options.answerTimeoutMs ?? 1900;
    this.#silenceTimeoutMs = connectTimeoutMs + BACKOFF_LIMIT_MS + statementTimeoutMs + SILENCE_MARGIN_MS;
    this.#sql = openPool(this.#options);
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
    return (await this.#sql.begin(work)) as T;
  }

  /** Waits up to 5 s for running statements, then closes every connection. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([Promise.allSettled(this.#running), new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_TIMEOUT_MS)))]);
    clearTimeout(timer);
    await this.#sql.end({ timeout: 0 });
  }

  /** The place in the turnstile is kept until the statement itself has ended, not only until its caller has been answered. */
  #answer<T extends readonly object[]>(statement: Statement<T>, timeoutMs: number): Promise<T> {
    const sql = this.#sql;
    return new Promise<T>((resolve, reject) => {
      // The server ends every statement after `statementTimeoutMs`: longer silence means that the connection is dead, as after a network partition.
      const silence = setTimeout(() => this.#replacePool(sql), this.#silenceTimeoutMs);
      const answer = setTimeout(() => reject(new StoreTimeout('answer')), timeoutMs);
      const running = execute(sql, statement)
        .then(resolve, (error: unknown) => {
          if (isLostConnection(error)) this.#replacePool(sql);
          reject(error as Error);
        })
        .finally(() => {
          clearTimeout(silence);
          clearTimeout(answer);
          this.#running.delete(running);
          this.#turnstile.leave();
        });
      this.#running.add(running);
    });
  }

  /**
   * New statements get new connections; the driver goes on with what runs on the old ones.
   * Needed also where one connection was lost: the driver would give the last error of a lost connection to the next statement on it.
   */
  #replacePool(distrusted: Sql): void {
    if (this.#sql !== distrusted) return;
    this.#sql = openPool(this.#options);
    void distrusted.end({ timeout: this.#silenceTimeoutMs / 1000 });
  }
}

/** Makes also a statement that cannot even be composed a rejection. */
async function execute<T extends readonly object[]>(sql: Sql, statement: Statement<T>): Promise<T> {
  return (await statement(sql)) as unknown as T;
}

/**
 * Opens a database.
 * @param options address and time limits, in milliseconds
 */
export function connect(options: DatabaseOptions): Database {
  return new Database(options);
}

function openPool(options: DatabaseOptions): Sql {
  const { url, host, port, database, user, password, tls } = options;
  const settings = {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(database === undefined ? {} : { database }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { ssl: { rejectUnauthorized: true, ca: tls.certificateAuthority } }),
    max: options.maxConnections ?? 10,
    connect_timeout: (options.connectTimeoutMs ?? 1000) / 1000,
    // Seconds. The driver's own goes up to 20 s, longer than a primary may be missed after it is back (B-07).
    backoff: (failures: number) => Math.min(0.02 * 2 ** failures, BACKOFF_LIMIT_MS / 1000),
    prepare: true,
    onnotice: () => undefined,
    types: { bigint: { to: 20, from: [20], serialize: (value: number) => String(value), parse: (text: string) => Number(text) } },
    connection: {
      application_name: options.applicationName ?? 'uma-federation',
      statement_timeout: options.statementTimeoutMs ?? 1500,
      // A statement that waited for a lock goes on with what was committed meanwhile (`PostgresGrantLedger.record`).
      default_transaction_isolation: 'read committed' as const,
      TimeZone: 'UTC',
    },
  };
  return url === undefined ? postgres(settings) : postgres(url, settings);
}
