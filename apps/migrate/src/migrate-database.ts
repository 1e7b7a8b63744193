import { readFileSync } from 'node:fs';
import { AS_RO_SCHEMA, connect, grantServiceRole, migrate, type Database } from '@uma-federation/persistence';
import type { MigrateConfiguration } from './configuration.ts';
import { ensureServiceRole, type ServiceRoleOutcome } from './service-role.ts';
import { waitForDatabase } from './wait-for-database.ts';

/** What a run did. */
export interface MigrationReport {
  /** Names of the files that were applied now. */
  readonly applied: readonly string[];
  readonly serviceRole: ServiceRoleOutcome;
}

const STATEMENT_TIMEOUT_MS = 30_000;
/** One for the turn, one for the work. */
const CONNECTIONS = 2;

/**
 * Brings AS-RO's schema up to date and gives the service's role its rights, as the schema's owner. Jobs that run at the same time take turns;
 * running it again changes nothing but the salt of the role's password.
 * @throws DatabaseUnavailable when the database does not answer within the patience; Error when a migration or the role is not acceptable
 */
export async function migrateDatabase(configuration: MigrateConfiguration): Promise<MigrationReport> {
  const { database: address, serviceRole, patience } = configuration;
  const database = connect({
    url: address.url,
    ...(address.password === undefined ? {} : { password: address.password.reveal() }),
    ...(address.tls === undefined ? {} : { tls: tlsOptions(address.tls) }),
    maxConnections: CONNECTIONS,
    connectTimeoutMs: address.connectTimeout,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    applicationName: 'migrate',
  });
  try {
    await waitForDatabase(database, patience);
    return await inTurn(database, async () => {
      const applied = await migrate(database, AS_RO_SCHEMA);
      const outcome = await ensureServiceRole(database, serviceRole.name, serviceRole.password?.reveal());
      await grantServiceRole(database, serviceRole.name);
      return { applied, serviceRole: outcome };
    });
  } finally {
    await database.close();
  }
}

/** PostgreSQL refuses concurrent changes of one role or of the rights on one table ("tuple concurrently updated"): one job at a time. */
function inTurn<T>(database: Database, work: () => Promise<T>): Promise<T> {
  return database.transaction(async (sql) => {
    await sql`set local statement_timeout = 0`;
    await sql`select pg_advisory_xact_lock(hashtextextended('uma-federation migration job', 0))`;
    return work();
  });
}

function tlsOptions({ certificateAuthorityFile }: { readonly certificateAuthorityFile?: string | undefined }): { certificateAuthority?: string } {
  return certificateAuthorityFile === undefined ? {} : { certificateAuthority: readFileSync(certificateAuthorityFile, 'utf8') };
}
