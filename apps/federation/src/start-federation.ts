import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FederationOptions } from './command-line.ts';
import { demoClients } from './demo-clients.ts';
import { readOrCreateSecrets, writeSecrets } from './demo-secrets.ts';
import { planDomains, redirectUri, storageUrl, urlsOf } from './domain-plan.ts';
import { requireFreePorts } from './free-ports.ts';
import { buildManifest, writeManifest, type Manifest } from './manifest.ts';
import { RunningStack, type Running } from './running.ts';
import { seedShare } from './seed-share.ts';
import { startDomain } from './start-domain.ts';

/** Two whole domains on this machine. */
export interface Federation extends Running {
  readonly manifest: Manifest;
  readonly manifestFile: string;
  /** AS-RO's database of each domain, as the service reaches it. */
  readonly databaseUrls: Readonly<Record<'acme' | 'globex', string>>;
}

/** What is off in `npm start`. */
export interface FederationExtras {
  /** Each AS-RO answers Keycloak's clients, below `/realms/{name of the domain}`. */
  readonly keycloakAlias?: boolean | undefined;
}

/**
 * Starts acme and globex: each with its own PostgreSQL, identity provider, sample API, AS-RqP, AS-RO, gateway and WebFinger front,
 * nothing shared but HTTP. Writes the manifest; at the first start Alice shares one note with Bob.
 * @throws Error with a message for the person; everything that was started is stopped then
 */
export async function startFederation(options: Pick<FederationOptions, 'fresh' | 'portBase' | 'dataDirectory'> & FederationExtras): Promise<Federation> {
  const { dataDirectory, portBase, fresh, keycloakAlias = false } = options;
  const domains = planDomains(portBase);
  await requireFreePorts(Object.values(domains).flatMap(urlsOf));
  if (fresh) await rm(dataDirectory, { recursive: true, force: true });
  await mkdir(dataDirectory, { recursive: true });
  const secretsFile = join(dataDirectory, 'secrets.json');
  const secrets = await readOrCreateSecrets(secretsFile);
  const clients = demoClients(secrets.confidentialClient, redirectUri(portBase));
  const manifest = buildManifest(domains, clients, secrets, storageUrl(portBase));
  const stack = new RunningStack();
  const starts = Object.values(domains).map((domain) =>
    startDomain({
      domain,
      secrets: secrets.domains[domain.name],
      storage: { url: storageUrl(portBase), clientSecret: secrets.storage },
      clients,
      addressMap: manifest.addressMap,
      directory: join(dataDirectory, domain.name),
      fresh,
      keycloakAlias,
    }).then((running) => {
      stack.push(running);
      return [domain.name, running.databaseUrl] as const;
    }),
  );
  await Promise.allSettled(starts);
  try {
    // All have settled, so that nothing is still starting when a failure stops the rest.
    const databaseUrls = Object.fromEntries(await Promise.all(starts)) as Federation['databaseUrls'];
    const manifestFile = join(dataDirectory, 'manifest.json');
    await writeManifest(manifestFile, manifest);
    if (!secrets.seeded) {
      await seedShare(manifest);
      await writeSecrets(secretsFile, { ...secrets, seeded: true });
    }
    return { manifest, manifestFile, databaseUrls, stop: () => stack.stop() };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}
