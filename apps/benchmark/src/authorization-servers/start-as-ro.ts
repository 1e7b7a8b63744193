import { join } from 'node:path';
import { loadKeyRing, readOrCreateKeyFile, readOrCreateSecretFile, type KeyRing } from '@uma-federation/keys';
import { GRANT_TYPES, JoseContextSealer, PROTECTION_SCOPE, type ContextSealer, type Issuer, type JsonObject } from '@uma-federation/uma-core';
import type { BenchmarkRun } from '../harness/benchmark.ts';
import { freePort } from '../harness/free-port.ts';
import { startService, type ServiceProcess } from '../harness/service-process.ts';
import { CLIENT, RESOURCE_SERVER, WIDE_LIMITS, type ResourceServerClient } from './clients.ts';

/** The e-mail domain of the owners. */
export const OWNER_DOMAIN = 'acme.example';

/** An AS-RO process, with its own keys at hand: the benchmark makes tickets in its place. */
export interface AsRoProcess extends ServiceProcess {
  readonly issuer: Issuer;
  readonly key: JsonObject;
  readonly keys: KeyRing;
  readonly sealer: ContextSealer;
}

/** What differs between one AS-RO of a benchmark and the next. */
export interface AsRoStart {
  readonly instance: string;
  readonly databaseUrl: string;
  /** E-mail domain of the requesting parties → where it is on this machine. */
  readonly addressMap: Readonly<Record<string, string>>;
  /** Gateways that get tickets; one that only stands in tickets when there is none. */
  readonly resourceServers?: readonly ResourceServerClient[] | undefined;
  /** Further settings. */
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
}

/** Starts AS-RO on a free port. Keys are made before it starts, in the files that it then reads. */
export async function startAsRo({ instance, databaseUrl, addressMap, resourceServers = [RESOURCE_SERVER], settings = {} }: AsRoStart, run: BenchmarkRun): Promise<AsRoProcess> {
  const keyFile = join(run.directory, `as-ro-${instance}.json`);
  const contextKeyFile = join(run.directory, `as-ro-${instance}-context.key`);
  const privateKeys = await readOrCreateKeyFile(keyFile);
  const sealer = new JoseContextSealer([await readOrCreateSecretFile(contextKeyFile)]);
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}` as Issuer;
  const configuration = {
    issuer,
    emailDomains: [OWNER_DOMAIN],
    clients: [
      { ...CLIENT, grantTypes: [GRANT_TYPES.umaTicket] },
      ...resourceServers.map(({ identifier, ...client }) => ({
        ...client,
        grantTypes: [GRANT_TYPES.clientCredentials],
        scopes: [PROTECTION_SCOPE],
        resourceServer: { identifier, baseUris: [identifier] },
      })),
    ],
    owners: { identityProvider: 'http://127.0.0.1:9', clientIds: [CLIENT.clientId] },
    keyFile,
    contextKeyFile,
    database: { url: databaseUrl },
    limits: { ...WIDE_LIMITS, ticketsPerResourceServer: WIDE_LIMITS.perClient },
    development: { addressMap },
    ...settings,
  };
  const service = await startService({ app: 'as-ro', instance, configuration, port }, run);
  const [key = {}] = privateKeys;
  return { ...service, issuer, key, keys: loadKeyRing(privateKeys), sealer };
}
