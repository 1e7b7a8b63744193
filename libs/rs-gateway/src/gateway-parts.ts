import { createConfiguredPeer, type ConfiguredPeer } from '@uma-federation/federation';
import { NodeSignatureVerifier, SystemClock } from '@uma-federation/keys';
import type { Logger } from '@uma-federation/nest-kit';
import { createForwarder, systemClock, type Forwarder } from '@uma-federation/reverse-proxy';
import type { Clock, JsonObject, RateLimiter, ReplayGuard, SignatureVerifier } from '@uma-federation/uma-core';
import { MemoryRateLimiter, MemoryReplayGuard } from '@uma-federation/volatile-state';
import { AuthorizationServerKeys } from './authorization-server-keys.ts';
import { AuthorizationServer } from './authorization-server.ts';
import { ChallengeLimits } from './challenge-limits.ts';
import type { RsGatewayConfiguration } from './configuration.ts';
import { Gateway, UPSTREAM, type GatewaySettings } from './gateway.ts';
import { hostsOf } from './inspect-request.ts';
import { IntrospectionClient } from './introspection-client.ts';
import { PermissionClient } from './permission-client.ts';
import { ProtectionApiToken } from './protection-api-token.ts';
import { ProtectionApi } from './protection-api.ts';
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
  /** DPoP proofs that were seen; in memory by default, so each replica sees its own only. */
  readonly replayGuard: ReplayGuard;
  readonly limiters: { readonly perSource: RateLimiter; readonly perRoute: RateLimiter };
  /** Tokens that ended before their time; by default those of AS-RO's revocation feed. */
  readonly revocations?: Revocations | undefined;
  /** HTTP to AS-RO. */
  readonly peer: ConfiguredPeer;
}

/** The gateway and what keeps it going. */
export interface GatewayParts {
  readonly gateway: Gateway;
  readonly forwarder: Forwarder;
  readonly metadata: JsonObject;
  /** Background work, not begun: AS-RO's keys, the registration of resources, and what AS-RO revoked. */
  readonly upkeep: { readonly keys: Upkeep; readonly resources: Upkeep; readonly revocations: Upkeep };
  /** Ends the background work and closes the connections to AS-RO and the upstream. */
  readonly close: () => Promise<void>;
}

/** Ahead of the hour after which keys are no longer believed. */
const KEYS_INTERVAL_MS = 5 * 60_000;
const RESOURCES_INTERVAL_MS = 60_000;

/** The adapters that the configuration asks for. Opens no connection. */
export function createGatewayPorts(configuration: RsGatewayConfiguration, overrides: Partial<GatewayPorts> = {}): GatewayPorts {
  const { authorizationServer, challengeLimits } = configuration;
  const clock = overrides.clock ?? new SystemClock();
  return {
    clock,
    timers: systemClock,
    signatures: new NodeSignatureVerifier(),
    replayGuard: new MemoryReplayGuard(clock),
    limiters: { perSource: perMinute(challengeLimits.perSource), perRoute: perMinute(challengeLimits.perRoute) },
    peer: createConfiguredPeer([new URL(authorizationServer.issuer).origin], {
      deadlineMs: authorizationServer.deadline,
      ...(authorizationServer.ca === undefined ? {} : { certificateAuthorities: [authorizationServer.ca] }),
    }),
    ...overrides,
  };
}

/** Puts the gateway together: every port is bound here, once. */
export function createGatewayParts(configuration: RsGatewayConfiguration, ports: GatewayPorts, logger: Logger): GatewayParts {
  const { publicUrl, authorizationServer, routes, dpop } = configuration;
  const { clock, peer, timers } = ports;
  const { issuer } = authorizationServer;
  const server = new AuthorizationServer(issuer, peer);
  const keys = new AuthorizationServerKeys({ server, peer, clock });
  const token = new ProtectionApiToken(authorizationServer, { server, peer, clock });
  const api = new ProtectionApi({ server, token, peer });
  const registration = new ResourceRegistration(api, publicUrl);
  const directory = new ResourceDirectory(registration, { publicUrl, clock, timers, patienceMs: authorizationServer.deadline });
  const registrar = new ResourceRegistrar(routes.resources, { registration, directory, logger });
  const revoked = new RevokedTokens(api, clock);
  const verification = new TokenVerification(
    { issuer, audience: publicUrl, bindingRequired: dpop.required },
    { ...ports, revocations: ports.revocations ?? revoked, keys, cache: new VerifiedTokenCache(configuration.verifiedTokens.size, clock), introspection: new IntrospectionClient(api, { issuer, audience: publicUrl, clock }) },
  );
  const limits = new ChallengeLimits(ports.limiters);
  const permissions = new PermissionClient(api);
  const forwarder = createGatewayForwarder(configuration, ports);
  const feed = configuration.revocationFeed.interval;
  const upkeep = {
    keys: new Upkeep({ name: 'keys', intervalMs: KEYS_INTERVAL_MS, run: () => keys.refresh() }, { timers, logger }),
    resources: new Upkeep({ name: 'resources', intervalMs: RESOURCES_INTERVAL_MS, run: () => registrar.synchronise() }, { timers, logger }),
    revocations: new Upkeep({ name: 'revocations', intervalMs: feed, longestRetryMs: feed, run: () => revoked.refresh() }, { timers, logger }),
  };
  return {
    gateway: new Gateway(gatewaySettings(configuration), { routes: routes.table, registrar, directory, verification, permissions, limits, clock }),
    forwarder,
    metadata: protectedResourceMetadata({ publicUrl, issuer, realm: configuration.realm, scopes: routes.scopes, bindingRequired: dpop.required }),
    upkeep,
    close: async () => {
      upkeep.keys.stop();
      upkeep.resources.stop();
      upkeep.revocations.stop();
      await Promise.all([forwarder.close(), peer.close()]);
    },
  };
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

function perMinute(points: number): RateLimiter {
  return new MemoryRateLimiter({ points, durationSeconds: 60 });
}
