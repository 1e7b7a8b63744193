import { randomBytes } from 'node:crypto';
import { connect, type Database, type DatabaseOptions } from '../src/database.ts';
import { grantServiceRole } from '../src/grant-service-role.ts';
import { migrate } from '../src/migrate.ts';
import { AS_RO_SCHEMA } from '../src/migrations.ts';

/** Long enough for a busy machine: the limits themselves have their own tests. */
export const PATIENT: DatabaseOptions = { connectTimeoutMs: 20_000, poolWaitTimeoutMs: 20_000, statementTimeoutMs: 20_000 };

/** A database of one test. */
export interface TestDatabase {
  /** Signs in as the owner. */
  readonly url: string;
  /** Signs in as the role of the service. */
  readonly serviceUrl: string;
  readonly serviceRole: string;
  /** Ends its connections and drops it. */
  drop(): Promise<void>;
}

/** Makes an empty database and a role for the service, which may do nothing in it yet. */
export async function createEmptyDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `uma_test_${randomBytes(6).toString('hex')}`;
  const serviceRole = `${name}_service`;
  const password = randomBytes(12).toString('hex');
  await administer(serverUrl, [`create database ${name}`, `create role ${serviceRole} login password '${password}'`]);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const serviceUrl = new URL(url);
  serviceUrl.username = serviceRole;
  serviceUrl.password = password;
  const drop = (): Promise<void> => administer(serverUrl, [`drop database ${name} with (force)`, `drop role ${serviceRole}`]);
  return { url: url.href, serviceUrl: serviceUrl.href, serviceRole, drop };
}

/** Makes a database with the schema of AS-RO, ready for the service. */
export async function createAsRoDatabase(serverUrl: string): Promise<TestDatabase> {
  const database = await createEmptyDatabase(serverUrl);
  await asOwner(database, async (owner) => {
    await migrate(owner, AS_RO_SCHEMA);
    await grantServiceRole(owner, database.serviceRole);
  });
  return database;
}

/** Works in the database as its owner. */
export async function asOwner<T>({ url }: { url: string }, work: (owner: Database) => Promise<T>): Promise<T> {
  const owner = connect({ ...PATIENT, url, maxConnections: 2 });
  try {
    return await work(owner);
  } finally {
    await owner.close();
  }
}

async function administer(url: string, statements: readonly string[]): Promise<void> {
  await asOwner({ url }, async (server) => {
    for (const statement of statements) await server.run((sql) => sql.unsafe(statement));
  });
}
