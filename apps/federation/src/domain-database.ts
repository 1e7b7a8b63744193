import { join } from 'node:path';
import { AS_RO_SCHEMA, connect, grantServiceRole, migrate, startEmbeddedPostgres } from '@uma-federation/persistence';
import type { Running } from './running.ts';

const SERVICE_ROLE = 'as_ro_service';
const DATABASE = 'as_ro';
/** Making a database takes long on a busy machine. */
const PATIENT = { statementTimeoutMs: 30_000, answerTimeoutMs: 31_000 } as const;

/** A domain's database, migrated, and the URL for its service: a role without DDL that may only add to the audit table. */
export interface DomainDatabase extends Running {
  readonly url: string;
}

/**
 * Starts a domain's own PostgreSQL and brings its schema up to date.
 * @param directory the domain's data folder
 * @param rolePassword base64url
 * @param fresh empties the database first
 */
export async function startDomainDatabase(directory: string, rolePassword: string, fresh: boolean): Promise<DomainDatabase> {
  const server = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres') });
  try {
    const url = new URL(server.url);
    await prepareDatabase(server.url, rolePassword, fresh);
    url.pathname = `/${DATABASE}`;
    const owner = connect({ url: url.href, maxConnections: 1, ...PATIENT });
    try {
      await migrate(owner, AS_RO_SCHEMA);
      await grantServiceRole(owner, SERVICE_ROLE);
    } finally {
      await owner.close();
    }
    url.username = SERVICE_ROLE;
    url.password = rolePassword;
    return { url: url.href, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** `create database` and roles cannot be parameterised; the names are constants and the password is base64url. */
async function prepareDatabase(url: string, rolePassword: string, fresh: boolean): Promise<void> {
  if (!/^[A-Za-z0-9_-]+$/.test(rolePassword)) throw new Error('the password of the database role is not base64url');
  const superuser = connect({ url, maxConnections: 1, ...PATIENT });
  try {
    const databases = await superuser.run((sql) => sql<{ name: string }[]>`select datname as name from pg_database where datname = ${DATABASE}`);
    if (fresh && databases.length > 0) await superuser.run((sql) => sql.unsafe(`drop database ${DATABASE} with (force)`));
    if (fresh || databases.length === 0) await superuser.run((sql) => sql.unsafe(`create database ${DATABASE}`));
    const roles = await superuser.run((sql) => sql<{ name: string }[]>`select rolname as name from pg_roles where rolname = ${SERVICE_ROLE}`);
    const verb = roles.length === 0 ? 'create' : 'alter';
    await superuser.run((sql) => sql.unsafe(`${verb} role ${SERVICE_ROLE} login password '${rolePassword}'`));
  } finally {
    await superuser.close();
  }
}
