export { migrateConfiguration, type MigrateConfiguration } from './configuration.ts';
export { migrateDatabase, type MigrationReport } from './migrate-database.ts';
export { EXIT_CODES, runMigrate, type MigrateSurroundings } from './run-migrate.ts';
