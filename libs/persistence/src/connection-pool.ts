import { checkServerIdentity, type ConnectionOptions } from 'node:tls';
import postgres from 'postgres';

/** The driver's handle; `bigint` columns are NumericDates or counts and read as numbers. */
export type Sql = postgres.Sql<{ bigint: number }>;
/** The driver's handle inside a transaction. */
export type TransactionSql = postgres.TransactionSql<{ bigint: number }>;
/** Composes one statement. */
export type Statement<T extends readonly object[]> = (sql: Sql) => postgres.PendingQuery<T & postgres.Row[]>;

/** Where PostgreSQL is and who asks. */
export interface ServerAddress {
  /** `postgres://user:password@host:port/database`; the members below win over its parts. */
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  /** TLS with a server certificate that is verified for the host; `certificateAuthority` is PEM text for a private authority. */
  readonly tls?: { readonly certificateAuthority?: string };
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
}

/** Limits that the driver and the server keep. */
export interface PoolLimits {
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** Longest pause before a lost connection is opened again. */
  readonly backoffMs: number;
}

/** The driver's pool, and what runs on it. */
export class ConnectionPool {
  readonly sql: Sql;
  readonly #running = new Set<Promise<unknown>>();

  constructor(address: ServerAddress, limits: PoolLimits) {
    this.sql = open(address, limits);
  }

  /** Runs a statement. Errors are the driver's. */
  async run<T extends readonly object[]>(statement: Statement<T>): Promise<T> {
    const query = statement(this.sql).then((rows) => rows as unknown as T);
    this.#running.add(query);
    try {
      return await query;
    } finally {
      this.#running.delete(query);
    }
  }

  /** Waits for what runs, at most `patienceMs`, then closes every connection. The driver itself would also wait for what has long failed. */
  async close(patienceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([Promise.allSettled(this.#running), new Promise((resolve) => (timer = setTimeout(resolve, patienceMs)))]);
    clearTimeout(timer);
    await this.sql.end({ timeout: 0 });
  }
}

function open(address: ServerAddress, limits: PoolLimits): Sql {
  const { url, host, port, database, user, password, tls } = address;
  const settings = {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
    ...(database === undefined ? {} : { database }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { ssl: tlsOptions(host ?? new URL(url ?? '').hostname, tls.certificateAuthority) }),
    max: limits.maxConnections,
    connect_timeout: limits.connectTimeoutMs / 1000,
    // Seconds. The driver's own goes up to 20 s, longer than a primary may be missed after it is back (B-07).
    backoff: (failures: number) => Math.min(0.02 * 2 ** failures, limits.backoffMs / 1000),
    prepare: true,
    onnotice: () => undefined,
    types: { bigint: { to: 20, from: [20], serialize: (value: number) => String(value), parse: (text: string) => Number(text) } },
    connection: {
      application_name: address.applicationName ?? 'uma-federation',
      statement_timeout: limits.statementTimeoutMs,
      // A statement that waited for a lock goes on with what was committed meanwhile (`PostgresGrantLedger.record`).
      default_transaction_isolation: 'read committed' as const,
      TimeZone: 'UTC',
    },
  };
  return url === undefined ? postgres(settings) : postgres(url, settings);
}

/** The driver does not say which name it connects to when that is an address: Node would then look for `localhost` in the certificate. */
function tlsOptions(host: string, certificateAuthority: string | undefined): ConnectionOptions {
  return {
    rejectUnauthorized: true,
    ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host.replace(/^\[|\]$/g, ''), certificate),
  };
}
