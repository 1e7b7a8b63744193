import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asRoConfiguration, createAsRo } from '@uma-federation/as-ro';
import { asRqpConfiguration, createAsRqp } from '@uma-federation/as-rqp';
import { createIdentityProvider, OPAQUE_RESOURCE } from '@uma-federation/identity-provider';
import { InProcessBus, type EventPublisher, type EventSubscriber } from '@uma-federation/messaging';
import { createLogger, type Logger } from '@uma-federation/nest-kit';
import { createRsGateway, rsGatewayConfiguration } from '@uma-federation/rs-gateway';
import { createSampleApi } from '@uma-federation/sample-api';
import { GRANT_TYPES, PROTECTION_SCOPE, type Issuer } from '@uma-federation/uma-core';
import { clientsAt, NOTE_SCOPES, type DemoClients } from './demo-clients.ts';
import type { DomainSecrets } from './demo-secrets.ts';
import { startDomainDatabase } from './domain-database.ts';
import { startDomainFront } from './domain-front.ts';
import type { DomainPlan } from './domain-plan.ts';
import { RunningStack, type Running } from './running.ts';

/** What the start of a domain needs. */
export interface DomainStart {
  readonly domain: DomainPlan;
  readonly secrets: DomainSecrets;
  /** The resource server that belongs to neither domain. */
  readonly storage: { readonly url: string; readonly clientSecret: string };
  readonly clients: DemoClients;
  /** E-mail domain → base URL on this machine, for discovery. */
  readonly addressMap: Readonly<Record<string, string>>;
  /** The domain's data folder. */
  readonly directory: string;
  readonly fresh: boolean;
  readonly keycloakAlias: boolean;
}

/** A domain that is up. */
export interface RunningDomain extends Running {
  /** Its AS-RO's database, as the service itself reaches it; for tests that look at what was written. */
  readonly databaseUrl: string;
}

/** Client id of the domain's gateway at its AS-RO. */
export const RESOURCE_SERVER_CLIENT = 'notes-gateway';
/** Client id, at both AS-ROs, of the resource server that belongs to neither domain. */
export const STORAGE_CLIENT = 'storage';
const INTROSPECTION_CLIENT = 'as-rqp';
/** Generous: outside tools measure against the demo. */
const PER_MINUTE = 1_000_000;
const DISCOVERY = { global: { burst: PER_MINUTE, perMinute: PER_MINUTE }, perCaller: { burst: PER_MINUTE, perMinute: PER_MINUTE } };
const READY_PATIENCE_MS = 15_000;

/** Starts everything of one domain. What was started is stopped again when something fails. @throws Error naming the service that failed */
export async function startDomain(start: DomainStart): Promise<RunningDomain> {
  const stack = new RunningStack();
  try {
    await mkdir(join(start.directory, 'log'), { recursive: true });
    const database = await startDomainDatabase(start.directory, start.secrets.databaseRole, start.fresh);
    stack.push(database);
    stack.push(await startIdentityProvider(start));
    stack.push(await startSampleApi(start));
    stack.push(await startAsRqp(start));
    const { events } = new InProcessBus();
    stack.push(await startAsRo(start, database.url, events));
    stack.push(await startGateway(start, events));
    const { domain } = start;
    stack.push(
      await startDomainFront(domain, {
        domains: [domain.emailDomain],
        requestingPartyIssuer: domain.asRqp as Issuer,
        resourceOwnerIssuer: domain.asRo as Issuer,
      }),
    );
    return { databaseUrl: database.url, stop: () => stack.stop() };
  } catch (error) {
    await stack.stop();
    throw new Error(`${start.domain.name} could not be started: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function startIdentityProvider({ domain, secrets, clients, directory }: DomainStart): Promise<Running> {
  const log = createWriteStream(join(directory, 'log', 'identity-provider.log'), { flags: 'a' });
  const { confidential, public: publicClient } = clients;
  const provider = await createIdentityProvider(
    {
      issuer: domain.identityProvider,
      ...listenAt(domain.identityProvider),
      displayName: domain.displayName,
      people: domain.people.map((person) => ({ ...person })),
      clients: [
        { clientId: confidential.clientId, clientSecret: confidential.clientSecret, redirectUris: [...confidential.redirectUris] },
        { clientId: publicClient.clientId, public: true, redirectUris: [...publicClient.redirectUris] },
        // Owners sign in at the resource server: it gets tokens that act for them (Federated Authorization 1.3).
        { clientId: RESOURCE_SERVER_CLIENT, clientSecret: secrets.resourceServer, redirectUris: [] },
      ],
      accessTokenAudience: domain.asRqp,
      introspectionClients: [{ clientId: INTROSPECTION_CLIENT, clientSecret: secrets.introspection }],
      keys: secrets.identityProviderKeys,
      cookieKeys: [secrets.cookieKey],
    },
    { log: (line) => log.write(`${line}\n`) },
  );
  await provider.listen();
  return { stop: () => provider.close().finally(() => log.end()) };
}

async function startSampleApi({ domain }: DomainStart): Promise<Running> {
  const api = createSampleApi({ ...listenAt(domain.sampleApi), notes: domain.notes.map((note) => ({ ...note })) });
  await api.listen();
  return { stop: () => api.close() };
}

async function startAsRqp({ domain, secrets, clients, addressMap, directory }: DomainStart): Promise<Running> {
  const configuration = asRqpConfiguration.parse({
    issuer: domain.asRqp,
    emailDomains: [domain.emailDomain],
    resourceOwnerIssuer: domain.asRo,
    identityProviders: [
      { issuer: domain.identityProvider, introspection: { clientId: INTROSPECTION_CLIENT, clientSecret: secrets.introspection, audiences: [OPAQUE_RESOURCE] } },
    ],
    clients: clientsAt(clients, [GRANT_TYPES.tokenExchange]),
    keyFile: join(directory, 'keys', 'as-rqp.json'),
    limits: { perSource: PER_MINUTE, perClient: PER_MINUTE, perResourceOwnerServer: PER_MINUTE, discovery: DISCOVERY },
    development: { addressMap },
    server: serverAt(domain.asRqp),
  });
  return listening(await createAsRqp(configuration, { logger: logTo(directory, 'as-rqp') }));
}

async function startAsRo({ domain, secrets, storage, clients, addressMap, directory, keycloakAlias }: DomainStart, databaseUrl: string, events: EventPublisher): Promise<Running> {
  const { confidential, public: publicClient } = clients;
  const configuration = asRoConfiguration.parse({
    issuer: domain.asRo,
    emailDomains: [domain.emailDomain],
    clients: [
      ...clientsAt(clients, [GRANT_TYPES.umaTicket, GRANT_TYPES.refreshToken, GRANT_TYPES.tokenExchange]),
      {
        clientId: RESOURCE_SERVER_CLIENT,
        clientSecret: secrets.resourceServer,
        grantTypes: [GRANT_TYPES.clientCredentials, GRANT_TYPES.tokenExchange, GRANT_TYPES.refreshToken],
        scopes: [PROTECTION_SCOPE, ...NOTE_SCOPES],
        resourceServer: { identifier: domain.gateway, baseUris: [domain.gateway], defaultOwner: domain.people[0]?.email },
        dialects: ['uma-1'],
      },
      {
        clientId: STORAGE_CLIENT,
        clientSecret: storage.clientSecret,
        grantTypes: [GRANT_TYPES.clientCredentials],
        scopes: [PROTECTION_SCOPE],
        resourceServer: { identifier: storage.url, baseUris: [storage.url] },
      },
    ],
    owners: { identityProvider: domain.identityProvider, clientIds: [confidential.clientId, publicClient.clientId] },
    refreshTokens: { enabled: true },
    personalProtectionTokens: { enabled: true },
    oauthProfile: true,
    uma1: { enabled: true, version: 'draft-07' },
    registration: { mode: 'open' },
    // The demo's provider makes access tokens for AS-RqP unless asked for another audience, and Keycloak's clients do not ask.
    keycloakAlias: keycloakAlias ? { realm: domain.name, accessTokenAudience: domain.asRqp } : undefined,
    keyFile: join(directory, 'keys', 'as-ro.json'),
    contextKeyFile: join(directory, 'keys', 'as-ro-context.key'),
    database: { url: databaseUrl },
    limits: { perSource: PER_MINUTE, perClient: PER_MINUTE, ticketsPerResourceServer: PER_MINUTE, discovery: DISCOVERY },
    development: { addressMap },
    server: serverAt(domain.asRo),
  });
  return listening(await createAsRo(configuration, { logger: logTo(directory, 'as-ro') }, { events }));
}

async function startGateway({ domain, secrets, directory }: DomainStart, events: EventSubscriber): Promise<Running> {
  const configuration = rsGatewayConfiguration.parse({
    publicUrl: domain.gateway,
    realm: `notes of ${domain.emailDomain}`,
    authorizationServer: { issuer: domain.asRo, clientId: RESOURCE_SERVER_CLIENT, clientSecret: secrets.resourceServer },
    upstream: { origin: domain.sampleApi },
    routes: [
      {
        id: 'note',
        path: '/users/{owner}/notes/{id}',
        methods: { GET: ['view'], PUT: ['edit'], DELETE: ['edit'] },
        resource: 'note {id} of {owner}',
        owner: `{owner}@${domain.emailDomain}`,
        instances: domain.notes.map(({ owner, id }) => ({ owner, id })),
      },
      {
        id: 'mirror',
        path: '/whoami',
        methods: { GET: ['view'] },
        resource: 'what the API sees of a request',
        owner: domain.people[0]?.email,
      },
      {
        id: 'archive',
        legacy: 'draft-07',
        path: '/shelves/archive/{owner}/{id}',
        methods: { GET: ['view'] },
        resource: 'archived note {id} of {owner}',
        owner: `{owner}@${domain.emailDomain}`,
        instances: domain.notes.map(({ owner, id }) => ({ owner, id })),
      },
    ],
    challengeLimits: { perSource: PER_MINUTE, perRoute: PER_MINUTE },
    development: { loopback: true },
    server: serverAt(domain.gateway),
  });
  const gateway = await createRsGateway(configuration, { logger: logTo(directory, 'rs-gateway'), events });
  const running = await listening(gateway);
  await within(READY_PATIENCE_MS, gateway.ready(), 'the gateway could not register its resources in time');
  return running;
}

/** @throws Error with the message when the promise takes longer */
async function within(limitMs: number, promise: Promise<unknown>, message: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), limitMs);
  });
  await Promise.race([promise, tooLate]).finally(() => clearTimeout(timer));
}

async function listening(service: { listen(): Promise<unknown>; stop(): Promise<void> }): Promise<Running> {
  await service.listen();
  return service;
}

function listenAt(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

/** The demo stops at once: nobody balances load here. */
function serverAt(url: string) {
  return { ...listenAt(url), drainDelay: '0s', closeTimeout: '2s' };
}

function logTo(directory: string, name: string): Logger {
  return createLogger({ name, level: 'info', destination: createWriteStream(join(directory, 'log', `${name}.log`), { flags: 'a' }) });
}
