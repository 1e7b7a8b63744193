import { createConfiguredPeer, type ConfiguredPeer } from '@uma-federation/federation';
import { NodeSignatureVerifier, SystemClock } from '@uma-federation/keys';
import { RedisEventSubscriber, RedisStreamsClient, type EventSubscriber, type RequestClient } from '@uma-federation/messaging';
import { sharedRedis, type Logger } from '@uma-federation/nest-kit';
import { createForwarder, systemClock, type Forwarder } from '@uma-federation/reverse-proxy';
import type { Clock, RateLimiter, SignatureVerifier } from '@uma-federation/uma-core';
import { createVolatileState, type VolatileState } from '@uma-federation/volatile-state';
import { createAsRoLink, type AsRoLink, type AsRoUpkeep } from './as-ro-link.ts';
import { ChallengeLimits } from './challenge-limits.ts';
import { Challenger } from './challenger.ts';
import type { AuthorizationServerConfiguration, RsGatewayConfiguration } from './configuration.ts';
import { Gateway, UPSTREAM, type GatewaySettings } from './gateway.ts';
import { hostsOf } from './inspect-request.ts';
import { METADATA_PATH, ProtectedResourceMetadata } from './protected-resource-metadata.ts';
import type { Timers } from './timers.ts';
import { VerifiedTokenCache, type Revocations } from './verified-token-cache.ts';

/** The adapters behind the gateway's ports. */
export interface GatewayPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly signatures: SignatureVerifier;
  /** DPoP proofs that were seen, and what the limiters count in. */
  readonly volatile: VolatileState;
  readonly limiters: { readonly perSource: RateLimiter; readonly perRoute: RateLimiter };
  /** Tokens that ended before their time; by default those of each AS-RO's revocation feed. */
  readonly revocations?: Revocations | undefined;
  /** HTTP to an AS-RO; called once for each. */
  readonly peerOf: (server: AuthorizationServerConfiguration) => ConfiguredPeer;
  /** The AS-RO on the domain's bus, for the protection API: the one with that transport, or the only one. */
  readonly bus?: RequestClient | undefined;
  /** What the domain's AS-RO tells the replicas. */
  readonly events?: Events | undefined;
}

/** Events, and how listening begins and ends when it has to. */
export type Events = EventSubscriber & { start?(): Promise<void>; close?(): Promise<void> };

/** The gateway and what keeps it going. */
export interface GatewayParts {
  readonly gateway: Gateway;
  readonly forwarder: Forwarder;
  readonly metadata: ProtectedResourceMetadata;
  /** Opens the connections to Redis, if there are any. Succeeds without Redis too: they then open as soon as it is there. */
  readonly open: () => Promise<void>;
  /** Background work by the name of the AS-RO, not begun. */
  readonly upkeep: ReadonlyMap<string, AsRoUpkeep>;
  /** Ends the background work and closes the connections to the AS-ROs and the upstream. */
  readonly close: () => Promise<void>;
}

/** The adapters that the configuration asks for. Opens no connection. */
export function createGatewayPorts(configuration: RsGatewayConfiguration, overrides: Partial<GatewayPorts> = {}): GatewayPorts {
  const { authorizationServers, challengeLimits } = configuration;
  const clock = overrides.clock ?? new SystemClock();
  const shared = sharedRedis(configuration);
  const volatile = overrides.volatile ?? createVolatileState({ clock, service: 'rs-gateway', shared });
  const onBus = authorizationServers.some(({ transport }) => transport === 'bus');
  return {
    clock,
    timers: systemClock,
    signatures: new NodeSignatureVerifier(),
    volatile,
    limiters: { perSource: volatile.limiter('source', challengeLimits.perSource), perRoute: volatile.limiter('route', challengeLimits.perRoute) },
    peerOf: ({ issuer, deadline, ca }) =>
      createConfiguredPeer([new URL(issuer).origin], { deadlineMs: deadline, ...(ca === undefined ? {} : { certificateAuthorities: [ca] }) }),
    bus: shared !== undefined && onBus ? new RedisStreamsClient({ ...shared, service: 'as-ro' }) : undefined,
    events: shared === undefined ? undefined : new RedisEventSubscriber(shared),
    ...overrides,
  };
}

/** Puts the gateway together: every port is bound here, once. */
export function createGatewayParts(configuration: RsGatewayConfiguration, ports: GatewayPorts, logger: Logger): GatewayParts {
  const { publicUrl, realm, routes, maxChallenge } = configuration;
  const { bus, clock, volatile, events } = ports;
  const { links, upkeep, peers } = createLinks(configuration, ports, logger);
  const forwarder = createGatewayForwarder(configuration, ports);
  const challenge = { publicUrl, realm, resourceMetadata: `${publicUrl}${METADATA_PATH}`, maxChallengeBytes: maxChallenge };
  const challenger = new Challenger(challenge, new ChallengeLimits(ports.limiters));
  return {
    gateway: new Gateway(gatewaySettings(configuration), { routes: routes.table, links, challenger, clock }),
    forwarder,
    metadata: createMetadata(configuration, links),
    open: async () => {
      if (events !== undefined) for (const tasks of toldBy(configuration, upkeep)) hastenBy(events, tasks);
      await Promise.all([volatile.open(), events?.start?.()]);
    },
    upkeep,
    close: async () => {
      for (const { keys, resources, revocations } of upkeep.values()) [keys, resources, revocations].forEach((task) => task.stop());
      volatile.close();
      await Promise.all([forwarder.close(), ...peers.map((peer) => peer.close()), bus?.close(), events?.close?.()]);
    },
  };
}

/** A link to each AS-RO, by the ids of the routes that it guards; and the background work by the AS-RO's name. */
function createLinks(configuration: RsGatewayConfiguration, ports: GatewayPorts, logger: Logger) {
  const { authorizationServers, routes, verifiedTokens } = configuration;
  const cache = new VerifiedTokenCache(verifiedTokens.size, ports.clock);
  const isOnlyOne = authorizationServers.length === 1;
  const made = authorizationServers.map((server) => {
    const peer = ports.peerOf(server);
    const own = <T extends { readonly authorizationServer?: string | undefined }>(all: readonly T[]): readonly T[] =>
      all.filter(({ authorizationServer = isOnlyOne ? server.name : undefined }) => authorizationServer === server.name);
    const { link, upkeep } = createAsRoLink({
      configuration,
      server,
      resources: own(routes.resources),
      ports,
      peer,
      bus: isOnlyOne || server.transport === 'bus' ? ports.bus : undefined,
      cache,
      logger: isOnlyOne ? logger : logger.child({ authorizationServer: server.name }),
    });
    return { name: server.name, peer, upkeep, routes: own(routes.protectedRoutes).map(({ id }) => [id, link] as const) };
  });
  return {
    links: new Map<string, AsRoLink>(made.flatMap((one) => one.routes)),
    upkeep: new Map(made.map(({ name, upkeep }) => [name, upkeep])),
    peers: made.map(({ peer }) => peer),
  };
}

function createMetadata({ publicUrl, realm, routes, dpop, authorizationServers }: RsGatewayConfiguration, links: ReadonlyMap<string, AsRoLink>): ProtectedResourceMetadata {
  return new ProtectedResourceMetadata({
    publicUrl,
    realm,
    routes,
    bindingRequired: dpop.required,
    issuers: authorizationServers.map(({ issuer }) => issuer),
    issuerOf: ({ id }) => links.get(id)?.issuer,
  });
}

/** Whose events these are: those of the AS-RO on the bus, or else of any that shares the Redis. */
function toldBy({ authorizationServers }: RsGatewayConfiguration, upkeep: ReadonlyMap<string, AsRoUpkeep>): readonly AsRoUpkeep[] {
  const onBus = authorizationServers.find(({ transport }) => transport === 'bus');
  const told = onBus === undefined ? undefined : upkeep.get(onBus.name);
  return told === undefined ? [...upkeep.values()] : [told];
}

/** What AS-RO tells makes the gateway look at once. Nothing is taken from an event itself: who can publish could otherwise end access. */
function hastenBy(events: EventSubscriber, { keys, resources, revocations }: AsRoUpkeep): void {
  for (const type of ['share-changed', 'rpt-revoked', 'client-revoked', 'issuer-blocked'] as const) events.on(type, () => revocations.hasten());
  events.on('resource-changed', () => {
    revocations.hasten();
    resources.hasten();
  });
  events.on('keys-rotated', () => keys.hasten());
  events.onResumed(() => revocations.hasten());
}

function gatewaySettings(configuration: RsGatewayConfiguration): GatewaySettings {
  const { publicUrl, forwardedIdentity, cors } = configuration;
  return {
    publicUrl,
    hosts: hostsOf(publicUrl),
    resourceMetadata: `${publicUrl}${METADATA_PATH}`,
    identity: forwardedIdentity,
    cors: cors === undefined ? undefined : { origins: cors.origins, allowedHeaders: cors.allowedHeaders, maxAgeMs: cors.maxAge },
  };
}

function createGatewayForwarder({ upstream }: RsGatewayConfiguration, { clock, timers }: GatewayPorts): Forwarder {
  return createForwarder({
    upstreams: { [UPSTREAM]: { origin: upstream.origin, ...(upstream.ca === undefined ? {} : { ca: upstream.ca }) } },
    headersTimeoutMs: upstream.headersTimeout,
    bodyTimeoutMs: upstream.bodyTimeout,
    clock: { nowEpochMs: () => clock.now() * 1000, after: (delayMs, action) => timers.after(delayMs, action) },
  });
}
