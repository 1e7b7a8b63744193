import { readFile } from 'node:fs/promises';
import { createConfiguredIssuer, createConfiguredPeer, createGuardedFetch, HttpIssuerDirectory, MAX_CLIENT_DOCUMENT_BYTES, RemoteKeySets, type ConfiguredIssuer, type UrlPolicy } from '@uma-federation/federation';
import {
  loadKeyRing,
  NodeContextSealer,
  NodeSignatureVerifier,
  readOrCreateKeyFile,
  readOrCreateSecretFile,
  SystemClock,
  SystemRandomness,
  type KeyRing,
} from '@uma-federation/keys';
import { RedisEventPublisher, RedisStreamsServer, type BusServer, type EventPublisher } from '@uma-federation/messaging';
import { ConfigurationError, sharedRedis, type Logger, type ReadinessCheck } from '@uma-federation/nest-kit';
import { ClientDocumentRegistry, CompositeClientRegistry, RegisteredClientRegistry, requireEmailDomains, requireOwnIssuer, StaticClientRegistry } from '@uma-federation/oauth-server';
import type {
  ClientRegistry,
  Clock,
  ContextSealer,
  Issuer,
  IssuerDirectory,
  Randomness,
  RateLimiter,
  SignatureVerifier,
} from '@uma-federation/uma-core';
import type { AsRoStores } from '@uma-federation/persistence';
import { createVolatileState, type VolatileState } from '@uma-federation/volatile-state';
import { announceChanges } from './announce-changes.ts';
import type { AsRoConfiguration } from './configuration.ts';
import { openPostgresStores } from './postgres-stores.ts';

/** Its name on the bus and in Redis. */
const SERVICE = 'as-ro';

/** AS-RO's durable state, and whether it is there. */
export interface DurableStores extends AsRoStores {
  readonly readiness: readonly ReadinessCheck[];
  readonly close: () => Promise<void>;
}

/** The adapters behind AS-RO's ports. */
export interface AsRoParts {
  readonly issuer: Issuer;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly keys: KeyRing;
  readonly signatures: SignatureVerifier;
  readonly sealer: ContextSealer;
  readonly clients: ClientRegistry;
  /** Keys that clients publish. */
  readonly clientKeys: RemoteKeySets;
  readonly stores: DurableStores;
  /** The domain's OpenID Provider, where resource owners sign in. */
  readonly ownerProvider: ConfiguredIssuer;
  /** The directory on the budget of one client. */
  readonly directoryFor: (clientId: string) => IssuerDirectory;
  /** Replay windows, and what the limiters count in. */
  readonly volatile: VolatileState;
  /** Serves the protection API on the domain's bus. */
  readonly bus?: BusServer | undefined;
  /** Tells the replicas of the domain what has changed. */
  readonly events?: EventPublisher | undefined;
  readonly limiters: {
    readonly bySource: RateLimiter;
    readonly byClient: RateLimiter;
    readonly ticketsByResourceServer: RateLimiter;
    readonly introspectionsByResourceServer: RateLimiter;
  };
  /** Registrations of clients by one source. */
  readonly registrationLimiter: RateLimiter;
  /** Where strangers may publish what they say. */
  readonly urlPolicy: UrlPolicy;
  readonly close: () => Promise<void>;
}

/**
 * Makes the adapters that the configuration asks for. Opens no listening socket; connects to the database on first use.
 * @param overrides replaces parts, for tests and for a whole domain in one process
 * @throws ConfigurationError when the issuer or a domain is not acceptable
 */
export async function createAsRoParts(configuration: AsRoConfiguration, logger: Logger, overrides: Partial<AsRoParts> = {}): Promise<AsRoParts> {
  const { addressMap, privateNetworks } = configuration.development;
  const issuer = requireOwnIssuer(configuration.issuer, 'issuer', addressMap !== undefined);
  requireEmailDomains(configuration.emailDomains, 'emailDomains');
  // Among resource servers that id is this server's own: what it protects at itself.
  if (configuration.clients.some(({ clientId }) => clientId === issuer)) throw new ConfigurationError(['clients: no client may have the issuer identifier as its clientId']);
  const clock = overrides.clock ?? new SystemClock();
  const { volatile, bus, events, closeEvents } = createSharedParts(configuration, clock, overrides);
  const stores = overrides.stores ?? openPostgresStores(configuration.database, clock, logger);
  const authorities = configuration.certificateAuthorityFile === undefined ? undefined : [await readFile(configuration.certificateAuthorityFile, 'utf8')];
  const { identityProvider } = configuration.owners;
  const peer = createConfiguredPeer([new URL(identityProvider).origin], { certificateAuthorities: authorities });
  const strangers = { loopback: addressMap === undefined ? undefined : { addressMap }, privateNetworks, certificateAuthorities: authorities };
  const discovery = { fetch: createGuardedFetch(strangers), clock, limits: configuration.limits.discovery };
  const directory = new HttpIssuerDirectory(discovery);
  return {
    issuer,
    clock,
    randomness: new SystemRandomness(),
    keys: overrides.keys ?? loadKeyRing(await readOrCreateKeyFile(configuration.keyFile)),
    signatures: new NodeSignatureVerifier(),
    sealer: overrides.sealer ?? new NodeContextSealer([await readOrCreateSecretFile(configuration.contextKeyFile)]),
    clients: new CompositeClientRegistry([
      await StaticClientRegistry.fromConfiguration(configuration.clients),
      new RegisteredClientRegistry(stores.clients, configuration.registration),
      new ClientDocumentRegistry({
        ...discovery,
        settings: configuration.clientIdMetadataDocuments,
        fetch: createGuardedFetch({ ...strangers, maxBodyBytes: MAX_CLIENT_DOCUMENT_BYTES }),
      }),
    ]),
    clientKeys: new RemoteKeySets(discovery),
    ownerProvider: createConfiguredIssuer(identityProvider, `${identityProvider.replace(/\/$/, '')}/.well-known/openid-configuration`, peer, clock),
    directoryFor: (clientId) => directory.forCaller(clientId),
    registrationLimiter: volatile.limiter('registration', configuration.registration.perSource),
    urlPolicy: discovery.fetch.policy,
    limiters: {
      bySource: volatile.limiter('source', configuration.limits.perSource),
      byClient: volatile.limiter('client', configuration.limits.perClient),
      ticketsByResourceServer: volatile.limiter('tickets', configuration.limits.ticketsPerResourceServer),
      introspectionsByResourceServer: volatile.limiter('introspections', configuration.limits.introspectionsPerResourceServer),
    },
    close: async () => {
      volatile.close();
      await Promise.all([peer.close(), closeEvents()]);
    },
    ...overrides,
    stores: events === undefined ? stores : announceChanges(stores, events),
    volatile,
    bus,
    events,
  };
}

/** What the replicas share by Redis; without it each has its own. */
function createSharedParts(configuration: AsRoConfiguration, clock: Clock, overrides: Partial<AsRoParts>) {
  const shared = sharedRedis(configuration);
  const publisher = shared === undefined ? undefined : new RedisEventPublisher(shared);
  return {
    volatile: overrides.volatile ?? createVolatileState({ clock, service: SERVICE, shared }),
    bus: overrides.bus ?? (shared !== undefined && configuration.bus ? new RedisStreamsServer({ ...shared, service: SERVICE }) : undefined),
    events: overrides.events ?? publisher,
    closeEvents: async () => publisher?.close(),
  };
}
