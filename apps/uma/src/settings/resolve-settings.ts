import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ClientCredentials, TrustedResourceServer } from '@uma-federation/uma-client';
import { parseEmailAddress, parseIssuer } from '@uma-federation/uma-core';
import type { EmailAddress } from '@uma-federation/uma-core';
import type { ServerFlags, SignInFlags } from '../flags.ts';
import type { Surroundings } from '../surroundings.ts';
import { UsageError } from '../usage-error.ts';
import { readTextFile } from './json-file.ts';
import { readManifest, type Manifest, type ManifestClient, type ManifestDomain } from './manifest.ts';
import { readUserConfig, type ResourceOwnerClient } from './user-config.ts';

/** Everything that one access needs to know. */
export interface Settings {
  /** Canonical e-mail address of the person. */
  readonly email: string;
  readonly identityProvider: string;
  readonly asRqp: string;
  /** The client at the identity provider and at AS-RqP: AS-RqP takes a person's token from the client it was issued to (T7). */
  readonly client: ClientCredentials;
  readonly redirectUri: string;
  /** The manifest's password of a person of the demo. */
  readonly password?: string | undefined;
  readonly resourceOwnerClient: (asUri: string) => ClientCredentials | undefined;
  readonly trustedResourceServers: readonly TrustedResourceServer[];
  /** Owner API of the person's own AS-RO. */
  readonly ownerApi?: string | undefined;
}

/** RFC 8252 7.3: without a port any free one is used. */
const DEFAULT_REDIRECT_URI = 'http://127.0.0.1/callback';

/**
 * Finds out who the person is and which servers and clients are theirs: flags, then the manifest (given or in `.federation`), then
 * the person's configuration.
 * @param as `--as`; without it the only person that the sources know
 * @throws UsageError that says what is missing
 */
export async function resolveSettings(as: string | undefined, flags: ServerFlags & SignInFlags, surroundings: Surroundings): Promise<Settings> {
  const config = await readUserConfig(surroundings.configFolder);
  const manifest = await findManifest(flags.manifest, surroundings);
  const address = readAddress(as ?? onlyPerson([...config.people.keys()], manifest));
  const byFlags = await fromFlags(address, flags, config.resourceOwnerClient);
  if (byFlags !== undefined) return checked(byFlags);
  const domain = manifest?.domains.find(({ emailDomain }) => emailDomain === address.domain);
  if (manifest !== undefined && domain !== undefined) return checked(fromManifest(address, manifest, domain, flags));
  const person = config.people.get(address.address);
  if (person === undefined) throw new UsageError(`Nothing is known about ${address.address}: no flags, no manifest, no entry in config.json. Try "uma help".`);
  const { identityProvider, asRqp, clientId, clientSecret, redirectUri = DEFAULT_REDIRECT_URI, asRo = flags.asRo } = person;
  const client = { clientId, clientSecret };
  return checked({
    email: address.address,
    identityProvider,
    asRqp,
    client,
    redirectUri,
    resourceOwnerClient: resourceOwnerClientOf(config.resourceOwnerClient, clientId),
    trustedResourceServers: [],
    ownerApi: ownerApiOf(asRo),
  });
}

/**
 * The manifest that `--manifest` names, or the one in the working folder, if there is one.
 * @throws UsageError when a named one cannot be read
 */
export async function findManifest(named: string | undefined, { workingFolder }: Surroundings): Promise<Manifest | undefined> {
  const file = named === undefined ? join(workingFolder, '.federation', 'manifest.json') : resolve(workingFolder, named);
  return named === undefined && !existsSync(file) ? undefined : readManifest(file);
}

async function fromFlags(address: EmailAddress, flags: ServerFlags, ownerClient: ResourceOwnerClient | undefined): Promise<Settings | undefined> {
  const { identityProvider, asRqp, clientId, clientSecretFile, redirectUri = DEFAULT_REDIRECT_URI } = flags;
  if ([identityProvider, asRqp, clientId].every((flag) => flag === undefined)) return undefined;
  if (identityProvider === undefined || asRqp === undefined || clientId === undefined) {
    throw new UsageError('--identity-provider, --as-rqp and --client-id go together.');
  }
  const secret = clientSecretFile === undefined ? undefined : await readTextFile(clientSecretFile);
  if (clientSecretFile !== undefined && secret === undefined) throw new UsageError(`There is no file ${clientSecretFile}.`);
  return {
    email: address.address,
    identityProvider,
    asRqp,
    client: { clientId, clientSecret: secret?.trim() },
    redirectUri,
    resourceOwnerClient: resourceOwnerClientOf(ownerClient, clientId),
    trustedResourceServers: [],
    ownerApi: ownerApiOf(flags.asRo),
  };
}

/** The owner API is below the issuer. */
function ownerApiOf(asRo: string | undefined): string | undefined {
  return asRo === undefined ? undefined : `${asRo.replace(/\/$/, '')}/owner`;
}

function fromManifest(address: EmailAddress, manifest: Manifest, domain: ManifestDomain, flags: SignInFlags): Settings {
  const password = domain.people.find(({ email }) => email === address.address)?.password;
  const byPassword = flags.browser === undefined && (flags.password !== undefined || password !== undefined);
  const client = byPassword ? (manifest.confidential ?? manifest.public) : browserClient(manifest);
  if (client === undefined) throw new UsageError('The manifest has no client for this way to sign in.');
  const { clientId, clientSecret } = client;
  const owners = new Set(manifest.domains.map(({ asRo }) => asRo));
  return {
    email: address.address,
    identityProvider: domain.identityProvider,
    asRqp: domain.asRqp,
    client: { clientId, clientSecret },
    redirectUri: client.redirectUris.find(isLoopbackRedirect) ?? DEFAULT_REDIRECT_URI,
    ...(byPassword ? { password } : {}),
    // The manifest's client is known at the servers of the manifest, and its secret is nobody else's business.
    resourceOwnerClient: (asUri) => (owners.has(asUri) ? { clientId, clientSecret } : undefined),
    trustedResourceServers: manifest.domains.map(({ gateway, asRo }) => ({ origin: new URL(gateway).origin, asUri: asRo })),
    ownerApi: domain.ownerApi ?? ownerApiOf(domain.asRo),
  };
}

/** The native client with its loopback redirect URI, else the confidential one. */
function browserClient({ public: native, confidential }: Manifest): ManifestClient | undefined {
  return [native, confidential].find((client) => client?.redirectUris.some(isLoopbackRedirect) === true);
}

function isLoopbackRedirect(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(text).hostname);
}

/** A secret only goes to the issuers it is for; elsewhere the client is a public one. */
function resourceOwnerClientOf(client: ResourceOwnerClient | undefined, fallbackClientId: string): Settings['resourceOwnerClient'] {
  if (client === undefined) return () => ({ clientId: fallbackClientId });
  const { clientId, clientSecret, issuers } = client;
  return (asUri) => (issuers.includes(asUri) ? { clientId, clientSecret } : { clientId });
}

function onlyPerson(configured: readonly string[], manifest: Manifest | undefined): string {
  const known = [...configured, ...(manifest?.domains.flatMap(({ people }) => people.map(({ email }) => email)) ?? [])];
  const [first, ...others] = [...new Set(known)];
  if (first === undefined) throw new UsageError('Who are you? Say it with --as EMAIL.');
  if (others.length > 0) throw new UsageError(`Who are you? Say it with --as and one of ${[first, ...others].join(', ')}.`);
  return first;
}

function readAddress(text: string): EmailAddress {
  const address = parseEmailAddress(text);
  if (address === undefined) throw new UsageError(`"${text}" is not an e-mail address.`);
  return address;
}

function checked(settings: Settings): Settings {
  for (const issuer of [settings.identityProvider, settings.asRqp]) {
    if (parseIssuer(issuer, { allowLoopback: true }) === undefined) throw new UsageError(`"${issuer}" is not an issuer: https, or http on this machine.`);
  }
  if (settings.ownerApi !== undefined && parseIssuer(settings.ownerApi, { allowLoopback: true }) === undefined) {
    throw new UsageError(`"${settings.ownerApi}" is not an owner API: https, or http on this machine.`);
  }
  if (!isLoopbackRedirect(settings.redirectUri)) throw new UsageError('The redirect URI must be http on 127.0.0.1, [::1] or localhost.');
  return settings;
}
