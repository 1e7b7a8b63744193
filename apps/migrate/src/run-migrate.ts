import { parseArgs } from 'node:util';
import { ConfigurationError, loadConfiguration, type Environment } from '@uma-federation/nest-kit';
import { migrateConfiguration, type MigrateConfiguration } from './configuration.ts';
import { migrateDatabase } from './migrate-database.ts';
import { DatabaseUnavailable } from './wait-for-database.ts';

/** What the command needs of its process. */
export interface MigrateSurroundings {
  /** Command line arguments after the script. */
  readonly arguments: readonly string[];
  readonly environment: Environment;
  /** Says something to whoever runs the job. */
  readonly print: (line: string) => void;
}

/** How the command ends. */
export const EXIT_CODES = { done: 0, failed: 1, configuration: 2, databaseUnavailable: 3 } as const;

/**
 * The command `migrate [--config FILE] [--check-config]`: prints what it did, one line per thing.
 * @returns the exit code: 0 the schema is up to date; 1 a migration or the role was refused; 2 bad command line or configuration;
 *   3 the database did not answer in time. After 1 and 3 it may be run again.
 */
export async function runMigrate(surroundings: MigrateSurroundings): Promise<number> {
  const { print } = surroundings;
  const configuration = readConfiguration(surroundings);
  if (typeof configuration === 'number') return configuration;
  try {
    const { applied, serviceRole } = await migrateDatabase(configuration);
    for (const name of applied) print(`applied ${name}`);
    print(applied.length === 0 ? 'the schema was up to date' : 'the schema is up to date');
    print(`role ${configuration.serviceRole.name}: ${serviceRole}, rights granted`);
    return EXIT_CODES.done;
  } catch (error) {
    print(`migrate: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof DatabaseUnavailable ? EXIT_CODES.databaseUnavailable : EXIT_CODES.failed;
  }
}

/** The configuration, or the exit code. */
function readConfiguration({ arguments: words, environment, print }: MigrateSurroundings): MigrateConfiguration | number {
  try {
    const { values } = parseArgs({ args: [...words], options: { config: { type: 'string' }, 'check-config': { type: 'boolean' } } });
    const configuration = loadConfiguration(migrateConfiguration, { file: values.config, environment, prefix: 'MIGRATE' });
    if (values['check-config'] !== true) return configuration;
    print('migrate: the configuration is good.');
    return EXIT_CODES.done;
  } catch (error) {
    print(error instanceof ConfigurationError ? error.message : 'Usage: migrate [--config FILE] [--check-config]');
    return EXIT_CODES.configuration;
  }
}
