import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { ConfigurationError } from './configuration-error.ts';
import { loadConfiguration } from './load-configuration.ts';
import { createLogger, type Logger } from './logger.ts';
import { currentProcess, type HostProcess } from './host-process.ts';
import { refuseInProduction } from './refuse-in-production.ts';
import type { LoggingConfiguration } from './service-configuration.ts';
import type { Service } from './service.ts';

/** What an app's `main.ts` says about its service. */
export interface ServiceDefinition<Schema extends z.ZodType<{ readonly logging: LoggingConfiguration }>> {
  /** For example `as-ro`; also gives the prefix of the environment variables, `AS_RO`. */
  readonly name: string;
  readonly schema: Schema;
  /** Settings by name that a production system may not have (see `refuseInProduction`). */
  developmentSettings?(configuration: z.output<Schema>): Readonly<Record<string, unknown>>;
  /** Builds the service; it must not open a socket. */
  create(configuration: z.output<Schema>, context: { readonly logger: Logger }): Promise<Service>;
}

const OLDEST_NODE_MAJOR = 22;

/**
 * Runs a service as a process: `--config FILE`, `--check-config` (answers without opening a socket or a store), SIGTERM and SIGINT drain.
 * Exit codes: 0 stopped or configuration good, 1 fault, 2 bad command line or configuration.
 * @param definition the service
 * @param host the process to run in; tests pass their own
 * @returns when the service listens, or when the exit code is set
 */
export async function runService<Schema extends z.ZodType<{ readonly logging: LoggingConfiguration }>>(
  definition: ServiceDefinition<Schema>,
  host: HostProcess = currentProcess(),
): Promise<void> {
  if (Number(host.nodeVersion.split('.')[0]) < OLDEST_NODE_MAJOR) {
    host.print(`${definition.name} needs Node ${OLDEST_NODE_MAJOR} or newer, this is ${host.nodeVersion}.`);
    host.exit(2);
    return;
  }
  let started: { readonly configuration: z.output<Schema>; readonly checkOnly: boolean };
  try {
    started = readConfiguration(definition, host);
  } catch (error) {
    host.print(error instanceof ConfigurationError ? error.message : 'Usage: [--config FILE] [--check-config]');
    host.exit(2);
    return;
  }
  if (started.checkOnly) {
    host.print(`${definition.name}: the configuration is good.`);
    host.exit(0);
    return;
  }
  await start(definition, started.configuration, host);
}

function readConfiguration<Schema extends z.ZodType<{ readonly logging: LoggingConfiguration }>>(
  definition: ServiceDefinition<Schema>,
  host: HostProcess,
): { readonly configuration: z.output<Schema>; readonly checkOnly: boolean } {
  const { values } = parseArgs({ args: [...host.arguments], options: { config: { type: 'string' }, 'check-config': { type: 'boolean' } } });
  const prefix = definition.name.toUpperCase().replaceAll('-', '_');
  const configuration = loadConfiguration(definition.schema, { file: values.config, environment: host.environment, prefix });
  refuseInProduction(host.environment, definition.developmentSettings?.(configuration) ?? {});
  return { configuration, checkOnly: values['check-config'] === true };
}

async function start<Schema extends z.ZodType<{ readonly logging: LoggingConfiguration }>>(
  definition: ServiceDefinition<Schema>,
  configuration: z.output<Schema>,
  host: HostProcess,
): Promise<void> {
  const logger = createLogger({ name: definition.name, level: configuration.logging.level, destination: host.log });
  const fail = (error: unknown, message: string): void => {
    logger.fatal({ err: error }, message);
    host.exit(1);
  };
  host.onFault((error) => fail(error, 'fault outside of any request'));
  try {
    const service = await definition.create(configuration, { logger });
    host.onStopSignal((signal) => {
      logger.info({ signal }, 'stopping');
      service.stop().then(
        () => host.exit(0),
        (error: unknown) => fail(error, 'could not stop cleanly'),
      );
    });
    const url = await service.listen();
    logger.info({ listening: url }, 'listening');
  } catch (error) {
    fail(error, 'could not start');
  }
}
