import { readFileSync } from 'node:fs';
import { AS_RO_SCHEMA, assertSchemaVersion, connect, createPostgresStores, startHousekeeping } from '@uma-federation/persistence';
import type { Logger } from '@uma-federation/nest-kit';
import type { Clock } from '@uma-federation/uma-core';
import type { DurableStores } from './as-ro-parts.ts';
import type { AsRoConfiguration } from './configuration.ts';

const HOUSEKEEPING_INTERVAL_MS = 60_000;
const READINESS_DEADLINE_MS = 2_000;

/**
 * AS-RO's stores on PostgreSQL. Connects on first use; not ready while the schema is not the one that this release knows.
 * Expired ledger rows are forgotten once a minute.
 */
export function openPostgresStores(configuration: AsRoConfiguration['database'], clock: Clock, logger: Logger): DurableStores {
  const { url, password, tls, maxConnections, connectTimeout, statementTimeout } = configuration;
  const database = connect({
    url,
    ...(password === undefined ? {} : { password: password.reveal() }),
    ...(tls === undefined ? {} : { tls: tlsOptions(tls) }),
    maxConnections,
    connectTimeoutMs: connectTimeout,
    statementTimeoutMs: statementTimeout,
    applicationName: 'as-ro',
  });
  const housekeeping = startHousekeeping(database, {
    intervalMs: HOUSEKEEPING_INTERVAL_MS,
    clock,
    onFailure: (error) => logger.warn({ err: error }, 'could not forget expired ledger rows'),
  });
  return {
    ...createPostgresStores(database),
    readiness: [{ name: 'database', deadlineMs: READINESS_DEADLINE_MS, check: () => assertSchemaVersion(database, AS_RO_SCHEMA) }],
    close: async () => {
      await housekeeping.stop();
      await database.close();
    },
  };
}

function tlsOptions({ certificateAuthorityFile }: { readonly certificateAuthorityFile?: string | undefined }): { certificateAuthority?: string } {
  return certificateAuthorityFile === undefined ? {} : { certificateAuthority: readFileSync(certificateAuthorityFile, 'utf8') };
}
