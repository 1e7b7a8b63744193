import { randomBytes } from 'node:crypto';
import { AS_RO_SCHEMA, connect, grantServiceRole, migrate, startEmbeddedPostgres, type Database } from '@uma-federation/persistence';
import type { BenchmarkRun } from './benchmark.ts';
import { familyCpuSeconds } from './process-cpu.ts';
import { surroundings } from './surroundings.ts';

/** Bulk loads and `vacuum` take as long as they take. */
const PATIENT = { statementTimeoutMs: 600_000, answerTimeoutMs: 601_000 } as const;

/** A PostgreSQL server for a benchmark. */
export interface DatabaseServer {
  /** For the table: `embedded PostgreSQL` or the host of `UMA_TEST_POSTGRES_URL`. */
  readonly name: string;
  /** Makes a database with AS-RO's schema and a role for the service, as a migration job does. */
  create(label: string): Promise<AsRoDatabase>;
  /** CPU seconds of the server and its backends; undefined where it is not a child of this process. */
  cpuSeconds(): number | undefined;
}

/** A database with AS-RO's schema. */
export interface AsRoDatabase {
  /** Signs in as the role of the service. */
  readonly serviceUrl: string;
  /** Signs in as the owner. */
  readonly owner: Database;
}

/** The server that `UMA_TEST_POSTGRES_URL` names (superuser), else an embedded one. Its databases go with the run. */
export async function startDatabaseServer(run: BenchmarkRun): Promise<DatabaseServer> {
  const { postgresUrl } = surroundings();
  if (postgresUrl !== undefined) {
    return { name: 'PostgreSQL server', create: (label) => createDatabase(postgresUrl, label, run), cpuSeconds: () => undefined };
  }
  const embedded = await startEmbeddedPostgres();
  run.cleanup.push(() => embedded.stop());
  return {
    name: 'embedded PostgreSQL',
    create: (label) => createDatabase(embedded.url, label, run),
    cpuSeconds: () => familyCpuSeconds(embedded.processId),
  };
}

async function createDatabase(serverUrl: string, label: string, run: BenchmarkRun): Promise<AsRoDatabase> {
  const name = `uma_bench_${label}_${randomBytes(4).toString('hex')}`;
  const role = `${name}_service`;
  const password = randomBytes(16).toString('hex');
  await administer(serverUrl, [`create database ${name}`, `create role ${role} login password '${password}'`]);
  run.cleanup.push(() => administer(serverUrl, [`drop database ${name} with (force)`, `drop role ${role}`]));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const owner = connect({ url: url.href, maxConnections: 2, ...PATIENT });
  run.cleanup.push(() => owner.close());
  await migrate(owner, AS_RO_SCHEMA);
  await grantServiceRole(owner, role);
  url.username = role;
  url.password = password;
  return { serviceUrl: url.href, owner };
}

async function administer(url: string, statements: readonly string[]): Promise<void> {
  const superuser = connect({ url, maxConnections: 1, ...PATIENT });
  try {
    for (const statement of statements) await superuser.run((sql) => sql.unsafe(statement));
  } finally {
    await superuser.close();
  }
}
