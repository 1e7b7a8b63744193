import { createConfiguredPeer, type ConfiguredPeer } from '@uma-federation/federation';
import { NodeSignatureVerifier, SystemClock } from '@uma-federation/keys';
import { RedisEventSubscriber, RedisStreamsClient, type EventSubscriber, type RequestClient } from '@uma-federation/messaging';
import { sharedRedis, type Logger } from '@uma-federation/nest-kit';
import { createForwarder, systemClock, type Forwarder } from '@uma-federation/reverse-proxy';
import type { Clock, JsonObject, RateLimiter, SignatureVerifier } from '@uma-federation/uma-core';
import { createVolatileState, type VolatileState } from '@uma-federation/volatile-state';
import { AuthorizationServerKeys } from './authorization-server-keys.ts';
import { AuthorizationServer } from './authorization-server.ts';
import { BusProtectionApi } from './bus-protection-api.ts';
import { ChallengeLimits } from './challenge-limits.ts';
import type { RsGatewayConfiguration } from './configuration.ts';
import { FallbackProtectionApi } from './fallback-protection-api.ts';
import { Gateway, UPSTREAM, type GatewaySettings } from './gateway.ts';
import { HttpProtectionApi } from './http-protection-api.ts';
import { hostsOf } from './inspect-request.ts';
import { IntrospectionClient } from './introspection-client.ts';
import { PermissionClient } from './permission-client.ts';
import { ProtectionApiToken } from './protection-api-token.ts';
import type { ProtectionApi } from './protection-api.ts';
import { METADATA_PATH, protectedResourceMetadata } from './protected-resource-metadata.ts';
import { ResourceDirectory } from './resource-directory.ts';
import { ResourceRegistrar } from './resource-registrar.ts';
import { ResourceRegistration } from './resource-registration.ts';
import type { Timers } from './timers.ts';
import { RevokedTokens } from './revoked-tokens.ts';
import { TokenVerification } from './token-verification.ts';
import { Upkeep } from './upkeep.ts';
import { VerifiedTokenCache, type Revocations } from './verified-token-cache.ts';

/** The adapters behind the gateway's ports. */
export interface GatewayPorts {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly signatures: SignatureVerifier;
  /** DPoP proofs that were seen, and what the limiters count in. */
  readonly volatile: VolatileState;
  readonly limiters: { readonly perSource: RateLimiter; readonly perRoute: RateLimiter };
  /** Tokens that ended before their time; by default those of AS-RO's revocation feed. */
  readonly revocations?: Revocations | undefined;
  /** HTTP to AS-RO. */
  readonly peer: ConfiguredPeer;
  /** AS-RO on the domain's bus, for the protection API. */
  readonly bus?: RequestClient | undefined;
  /** What AS-RO tells the replicas of its domain. */
  readonly events?: Events | undefined;
}

/** Events, and how listening begins and ends when it has to. */
export type Events = EventSubscriber & { start?(): Promise<void>; close?(): Promise<void> };

/** The gateway and what keeps it going. */
export interface GatewayParts {
  readonly gateway: Gateway;
  readonly forwarder: Forwarder;
  readonly metadata: JsonObject;
  /** Opens the connections to Redis, if there are any. Succeeds without Redis too: they then open as soon as it is there. */
  readonly open: () => Promise<void>;
  /** Background work, not begun: AS-RO's keys, the registration of resources, and what AS-RO revoked. */
  readonly upkeep: { readonly keys: Upkeep; readonly resources: Upkeep; readonly revocations: Upkeep };
  /** Ends the background work and closes the connections to AS-RO and the upstream. */
  readonly close: () => Promise<void>;
}

/** Ahead of the hour after which keys are no longer believed. */
const KEYS_INTERVAL_MS = 5 * 60_000;
const RESOURCES_INTERVAL_MS = 60_000;
/** How long the bus may take to give the revocation feed before HTTP is asked. */
const FEED_ON_BUS_MS = 1_000;

/** The adapters that the configuration asks for. Opens no connection. */
export function createGatewayPorts(configuration: RsGatewayConfiguration, overrides: Partial<GatewayPorts> = {}): GatewayPorts {
  const { authorizationServer, challengeLimits } = configuration;
  const clock = overrides.clock ?? new SystemClock();
  const shared = sharedRedis(configuration);
  const volatile = overrides.volatile ?? createVolatileState({ clock, service: 'rs-gateway', shared });
  return {
    clock,
    timers: systemClock,
    signatures: new NodeSignatureVerifier(),
    volatile,
    limiters: { perSource: volatile.limiter('source', challengeLimits.perSource), perRoute: volatile.limiter('route', challengeLimits.perRoute) },
    peer: createConfiguredPeer([new URL(authorizationServer.issuer).origin], {
      deadlineMs: authorizationServer.deadline,
      ...(authorizationServer.ca === undefined ? {} : { certificateAuthorities: [authorizationServer.ca] }),
    }),
    bus: shared !== undefined && authorizationServer.transport === 'bus' ? new RedisStreamsClient({ ...shared, service: 'as-ro' }) : undefined,
    events: shared === undefined ? undefined : new RedisEventSubscriber(shared),
    ...overrides,
  };
}

/** Puts the gateway together: every port is bound here, once. */
export function createGatewayParts(configuration: RsGatewayConfiguration, ports: GatewayPorts, logger: Logger): GatewayParts {
  const { publicUrl, authorizationServer, routes, dpop } = configuration;
  const { bus, clock, peer, timers, volatile, events } = ports;
  const { issuer } = authorizationServer;
  const server = new AuthorizationServer(issuer, peer);
  const keys = new AuthorizationServerKeys({ server, peer, clock });
  const { api, feed } = createProtectionApis(configuration, ports, server);
  const registration = new ResourceRegistration(api, publicUrl);
  const directory = new ResourceDirectory(registration, { publicUrl, clock, timers, patienceMs: authorizationServer.deadline });
  const registrar = new ResourceRegistrar(routes.resources, { registration, directory, logger });
  const revoked = new RevokedTokens(feed, clock, configuration.revocationFeed.staleAfter);
  const verification = new TokenVerification(
    { issuer, audience: publicUrl, bindingRequired: dpop.required },
    {
      ...ports,
      replayGuard: volatile.replays,
      revocations: ports.revocations ?? revoked,
      keys,
      cache: new VerifiedTokenCache(configuration.verifiedTokens.size, clock),
      introspection: new IntrospectionClient(api, { issuer, audience: publicUrl, clock }),
    },
  );
  const limits = new ChallengeLimits(ports.limiters);
  const permissions = new PermissionClient(api);
  const forwarder = createGatewayForwarder(configuration, ports);
  const upkeep = createUpkeep({ keys: () => keys.refresh(), resources: () => registrar.synchronise(), revocations: () => revoked.refresh() }, configuration, { timers, logger });
  return {
    gateway: new Gateway(gatewaySettings(configuration), { routes: routes.table, registrar, directory, verification, permissions, limits, clock }),
    forwarder,
    metadata: protectedResourceMetadata({ publicUrl, issuer, realm: configuration.realm, scopes: routes.scopes, bindingRequired: dpop.required }),
    open: async () => {
      if (events !== undefined) hastenBy(events, upkeep);
      await Promise.all([volatile.open(), events?.start?.()]);
    },
    upkeep,
    close: async () => {
      for (const task of Object.values(upkeep)) task.stop();
      volatile.close();
      await Promise.all([forwarder.close(), peer.close(), bus?.close(), events?.close?.()]);
    },
  };
}

/** The way that was chosen, and for the revocation feed the other way too: withdrawn access ends also when the bus drops every message. */
function createProtectionApis(
  { authorizationServer }: RsGatewayConfiguration,
  { bus, peer, clock, timers }: GatewayPorts,
  server: AuthorizationServer,
): { readonly api: ProtectionApi; readonly feed: ProtectionApi } {
  const { clientId, deadline: deadlineMs } = authorizationServer;
  const http = new HttpProtectionApi({ server, token: new ProtectionApiToken(authorizationServer, { server, peer, clock }), peer, timers, deadlineMs });
  if (bus === undefined) return { api: http, feed: http };
  const patient = new BusProtectionApi({ client: bus, clientId, deadlineMs });
  const hurried = new BusProtectionApi({ client: bus, clientId, deadlineMs: Math.min(deadlineMs, FEED_ON_BUS_MS) });
  return { api: patient, feed: new FallbackProtectionApi(hurried, http) };
}

function createUpkeep(
  work: { readonly [task in keyof GatewayParts['upkeep']]: () => Promise<void> },
  { revocationFeed }: RsGatewayConfiguration,
  dependencies: { readonly timers: Timers; readonly logger: Logger },
): GatewayParts['upkeep'] {
  const feedMs = revocationFeed.interval;
  return {
    keys: new Upkeep({ name: 'keys', intervalMs: KEYS_INTERVAL_MS, run: work.keys }, dependencies),
    resources: new Upkeep({ name: 'resources', intervalMs: RESOURCES_INTERVAL_MS, run: work.resources }, dependencies),
    revocations: new Upkeep({ name: 'revocations', intervalMs: feedMs, longestRetryMs: feedMs, run: work.revocations }, dependencies),
  };
}

/** What AS-RO tells makes the gateway look at once. Nothing is taken from an event itself: who can publish could otherwise end access. */
function hastenBy(events: EventSubscriber, { keys, resources, revocations }: GatewayParts['upkeep']): void {
  for (const type of ['share-changed', 'rpt-revoked', 'client-revoked', 'issuer-blocked'] as const) events.on(type, () => revocations.hasten());
  events.on('resource-changed', () => {
    revocations.hasten();
    resources.hasten();
  });
  events.on('keys-rotated', () => keys.hasten());
  events.onResumed(() => revocations.hasten());
}

function gatewaySettings(configuration: RsGatewayConfiguration): GatewaySettings {
  const { publicUrl, realm, authorizationServer, maxChallenge, forwardedIdentity, cors } = configuration;
  return {
    publicUrl,
    hosts: hostsOf(publicUrl),
    challenge: { realm, asUri: authorizationServer.issuer, resourceMetadata: `${publicUrl}${METADATA_PATH}` },
    maxChallengeBytes: maxChallenge,
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
