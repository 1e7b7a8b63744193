import { writeFile } from 'node:fs/promises';
import type { DemoClients } from './demo-clients.ts';
import type { DemoSecrets } from './demo-secrets.ts';
import { notePath, type DomainPlan } from './domain-plan.ts';
import { RESOURCE_SERVER_CLIENT, STORAGE_CLIENT } from './start-domain.ts';

/** One domain in the manifest. */
export interface ManifestDomain {
  readonly emailDomain: string;
  readonly webfinger: string;
  readonly asRo: { readonly issuer: string };
  readonly asRqp: { readonly issuer: string };
  readonly gateway: { readonly url: string };
  readonly ownerApi: { readonly url: string };
  readonly identityProvider: { readonly issuer: string };
  readonly people: readonly { readonly email: string; readonly password: string }[];
  readonly resourceServer: { readonly clientId: string; readonly clientSecret: string };
}

/** What an outside tool needs to drive the federation; `version` changes when a member changes its meaning (docs/operations/manifest.md). */
export interface Manifest {
  readonly version: 1;
  readonly domains: Readonly<Record<'acme' | 'globex', ManifestDomain>>;
  readonly clients: DemoClients;
  /** A resource server that is registered at both AS-ROs and belongs to neither domain; whoever wants one starts it there. */
  readonly storage: { readonly url: string; readonly clientId: string; readonly clientSecret: string };
  readonly resources: readonly ManifestResource[];
  readonly addressMap: Readonly<Record<string, string>>;
}

/** A protected resource as it is after the first start. */
export interface ManifestResource {
  readonly url: string;
  readonly method: string;
  readonly owner: string;
  readonly scopes: readonly string[];
  readonly sharedWith: readonly string[];
}

/** The share that the demo begins with: Alice lets Bob view her first note. */
export const SEEDED_SHARE = { owner: 'alice@acme.example', path: '/users/alice/notes/1', scopes: ['view'], grantee: 'bob@globex.example' } as const;

/** Builds the manifest of both domains. */
export function buildManifest(domains: Readonly<Record<'acme' | 'globex', DomainPlan>>, clients: DemoClients, secrets: DemoSecrets, storage: string): Manifest {
  const all = Object.values(domains);
  return {
    version: 1,
    domains: {
      acme: manifestDomain(domains.acme, secrets.domains.acme.resourceServer),
      globex: manifestDomain(domains.globex, secrets.domains.globex.resourceServer),
    },
    clients,
    storage: { url: storage, clientId: STORAGE_CLIENT, clientSecret: secrets.storage },
    resources: all.flatMap((domain) =>
      domain.notes.map((note) => ({
        url: `${domain.gateway}${notePath(note)}`,
        method: 'GET',
        owner: `${note.owner}@${domain.emailDomain}`,
        scopes: ['view'],
        sharedWith: isShared(domain, note) ? [SEEDED_SHARE.grantee] : [],
      })),
    ),
    addressMap: Object.fromEntries(all.map((domain) => [domain.emailDomain, domain.front])),
  };
}

/** Writes the manifest, readable by its owner only: it has client secrets and passwords of the demo. */
export async function writeManifest(file: string, manifest: Manifest): Promise<void> {
  await writeFile(file, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
}

function manifestDomain(domain: DomainPlan, clientSecret: string): ManifestDomain {
  return {
    emailDomain: domain.emailDomain,
    webfinger: `${domain.front}/.well-known/webfinger`,
    asRo: { issuer: domain.asRo },
    asRqp: { issuer: domain.asRqp },
    gateway: { url: domain.gateway },
    ownerApi: { url: `${domain.asRo}/owner` },
    identityProvider: { issuer: domain.identityProvider },
    people: domain.people.map(({ email, password }) => ({ email, password })),
    resourceServer: { clientId: RESOURCE_SERVER_CLIENT, clientSecret },
  };
}

function isShared(domain: DomainPlan, note: { readonly owner: string; readonly id: string }): boolean {
  return `${note.owner}@${domain.emailDomain}` === SEEDED_SHARE.owner && notePath(note) === SEEDED_SHARE.path;
}
