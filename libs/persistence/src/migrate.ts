import type { Database, TransactionSql } from './database.ts';
import { readMigrations, type Migration, type MigrationKind, type SchemaSource } from './migrations.ts';
import { StatementFault } from './store-failure.ts';

interface AppliedRow {
  readonly version: number;
  readonly name: string;
  readonly kind: MigrationKind;
  readonly checksum: string;
}

/**
 * Applies the migrations that are missing, forward only, all in one transaction. Concurrent callers take turns (advisory lock).
 * @param database a connection of the role that shall own the schema
 * @returns the names of the applied files, none when all were
 * @throws Error when a file that was applied has changed or is missing, or a file fails; nothing has happened then
 */
export async function migrate(database: Database, source: SchemaSource): Promise<readonly string[]> {
  const known = await readMigrations(source.directory);
  return database.transaction(async (sql) => {
    await sql`set local statement_timeout = 0`;
    await sql`select pg_advisory_xact_lock(hashtextextended(${`uma-federation migrate ${source.schema}`}, 0))`;
    await createRegister(sql, source.schema);
    const applied = await sql<AppliedRow[]>`select version, name, kind, checksum from ${sql(source.schema)}.schema_migration order by version`;
    requireUnchanged(known, applied);
    const missing = known.slice(applied.length);
    for (const migration of missing) await apply(sql, source.schema, migration);
    return missing.map(({ name }) => name);
  });
}

/**
 * Whether this release may work on the schema: every migration it knows is applied unchanged, and newer ones, if any, are of the kind `expand`.
 * @throws Error with the reason otherwise, ProtocolError 503 when the database cannot be reached
 */
export async function assertSchemaVersion(database: Database, source: SchemaSource): Promise<void> {
  const known = await readMigrations(source.directory);
  const applied = await readRegister(database, source.schema);
  requireUnchanged(known, applied);
  const missing = known[applied.length];
  if (missing !== undefined) throw new Error(`schema ${source.schema} lacks the migration ${missing.name}`);
  const breaking = applied.slice(known.length).find(({ kind }) => kind !== 'expand');
  if (breaking !== undefined) throw new Error(`schema ${source.schema} is newer than this release: ${breaking.name}`);
}

async function createRegister(sql: TransactionSql, schema: string): Promise<void> {
  await sql`create schema if not exists ${sql(schema)}`;
  await sql`
    create table if not exists ${sql(schema)}.schema_migration (
      version integer primary key,
      name text not null,
      kind text not null,
      checksum text not null,
      applied_at timestamptz not null default clock_timestamp()
    )`;
}

async function readRegister(database: Database, schema: string): Promise<readonly AppliedRow[]> {
  try {
    return await database.run((sql) => sql<AppliedRow[]>`select version, name, kind, checksum from ${sql(schema)}.schema_migration order by version`);
  } catch (error) {
    // 42P01 undefined table, 3F000 undefined schema.
    if (error instanceof StatementFault && ['42P01', '3F000'].includes(error.code)) return [];
    throw error;
  }
}

function requireUnchanged(known: readonly Migration[], applied: readonly AppliedRow[]): void {
  for (const [index, { version, name, checksum }] of applied.entries()) {
    if (version !== index + 1) throw new Error(`the register of migrations has a gap before ${name}`);
    const file = known[index];
    if (file !== undefined && file.checksum !== checksum) throw new Error(`migration ${file.name} was changed after it had been applied as ${name}`);
  }
}

async function apply(sql: TransactionSql, schema: string, migration: Migration): Promise<void> {
  const { version, name, kind, checksum, text } = migration;
  try {
    await sql.unsafe(text);
  } catch (error) {
    throw new Error(`migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  await sql`insert into ${sql(schema)}.schema_migration (version, name, kind, checksum) values (${version}, ${name}, ${kind}, ${checksum})`;
}
