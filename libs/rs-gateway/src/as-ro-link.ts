import type { ConfiguredPeer } from '@uma-federation/federation';
import type { RequestClient } from '@uma-federation/messaging';
import type { Logger } from '@uma-federation/nest-kit';
import { AuthorizationServerKeys } from './authorization-server-keys.ts';
import { AuthorizationServer } from './authorization-server.ts';
import { BusProtectionApi } from './bus-protection-api.ts';
import type { AuthorizationServerConfiguration, RsGatewayConfiguration } from './configuration.ts';
import { FallbackProtectionApi } from './fallback-protection-api.ts';
import type { GatewayPorts } from './gateway-parts.ts';
import type { ResourceDescription } from './gateway-routes.ts';
import { HttpProtectionApi } from './http-protection-api.ts';
import { IntrospectionClient } from './introspection-client.ts';
import { PermissionClient } from './permission-client.ts';
import { ProtectionApiToken } from './protection-api-token.ts';
import type { ProtectionApi } from './protection-api.ts';
import { ResourceDirectory } from './resource-directory.ts';
import { ResourceRegistrar } from './resource-registrar.ts';
import { ResourceRegistration } from './resource-registration.ts';
import { RevokedTokens } from './revoked-tokens.ts';
import type { Timers } from './timers.ts';
import { TokenVerification } from './token-verification.ts';
import { Upkeep } from './upkeep.ts';
import type { VerifiedTokenCache } from './verified-token-cache.ts';

/** What the gateway has at one AS-RO. Nothing of it is shared with another AS-RO, so that one being away, or lying, is no other's matter. */
export interface AsRoLink {
  readonly issuer: string;
  readonly registrar: ResourceRegistrar;
  readonly directory: ResourceDirectory;
  readonly verification: TokenVerification;
  readonly permissions: PermissionClient;
}

/** Background work for one AS-RO: its keys, the registration of resources, and what it revoked. */
export interface AsRoUpkeep {
  readonly keys: Upkeep;
  readonly resources: Upkeep;
  readonly revocations: Upkeep;
}

/** What a link is made of. */
export interface AsRoLinkOptions {
  readonly configuration: RsGatewayConfiguration;
  /** Its own settings. */
  readonly server: AuthorizationServerConfiguration;
  /** The resources to be registered there. */
  readonly resources: readonly ResourceDescription[];
  readonly ports: GatewayPorts;
  /** HTTP to this AS-RO. */
  readonly peer: ConfiguredPeer;
  /** This AS-RO on the bus. */
  readonly bus?: RequestClient | undefined;
  /** Remembers the tokens of all AS-ROs, each under keys of its issuer. */
  readonly cache: VerifiedTokenCache;
  readonly logger: Logger;
}

/** Ahead of the hour after which keys are no longer believed. */
const KEYS_INTERVAL_MS = 5 * 60_000;
const RESOURCES_INTERVAL_MS = 60_000;
/** How long the bus may take to give the revocation feed before HTTP is asked. */
const FEED_ON_BUS_MS = 1_000;

/** Links the gateway with an AS-RO. The background work is not begun. */
export function createAsRoLink(options: AsRoLinkOptions): { readonly link: AsRoLink; readonly upkeep: AsRoUpkeep } {
  const { configuration, server: settings, ports, peer, logger } = options;
  const { publicUrl, dpop } = configuration;
  const { clock, timers, volatile } = ports;
  const { issuer } = settings;
  const server = new AuthorizationServer(issuer, peer);
  const keys = new AuthorizationServerKeys({ server, peer, clock });
  const { api, feed } = createProtectionApis(options, server);
  const registration = new ResourceRegistration(api, publicUrl);
  const directory = new ResourceDirectory(registration, { publicUrl, clock, timers, patienceMs: settings.deadline });
  const registrar = new ResourceRegistrar(options.resources, { registration, directory, logger });
  const revoked = new RevokedTokens(feed, clock, configuration.revocationFeed.staleAfter);
  const verification = new TokenVerification(
    { issuer, audience: publicUrl, bindingRequired: dpop.required },
    {
      ...ports,
      replayGuard: volatile.replays,
      revocations: ports.revocations ?? revoked,
      keys,
      cache: options.cache,
      introspection: new IntrospectionClient(api, { issuer, audience: publicUrl, clock }),
    },
  );
  const work = { keys: () => keys.refresh(), resources: () => registrar.synchronise(), revocations: () => revoked.refresh() };
  return {
    link: { issuer, registrar, directory, verification, permissions: new PermissionClient(api) },
    upkeep: createUpkeep(work, configuration, { timers, logger }),
  };
}

/** The way that was chosen, and for the revocation feed the other way too: withdrawn access ends also when the bus drops every message. */
function createProtectionApis({ server: settings, peer, bus, ports }: AsRoLinkOptions, server: AuthorizationServer): { readonly api: ProtectionApi; readonly feed: ProtectionApi } {
  const { clientId, deadline: deadlineMs } = settings;
  const { clock, timers } = ports;
  const http = new HttpProtectionApi({ server, token: new ProtectionApiToken(settings, { server, peer, clock }), peer, timers, deadlineMs });
  if (bus === undefined) return { api: http, feed: http };
  const patient = new BusProtectionApi({ client: bus, clientId, deadlineMs });
  const hurried = new BusProtectionApi({ client: bus, clientId, deadlineMs: Math.min(deadlineMs, FEED_ON_BUS_MS) });
  return { api: patient, feed: new FallbackProtectionApi(hurried, http) };
}

function createUpkeep(
  work: { readonly [task in keyof AsRoUpkeep]: () => Promise<void> },
  { revocationFeed }: RsGatewayConfiguration,
  dependencies: { readonly timers: Timers; readonly logger: Logger },
): AsRoUpkeep {
  const feedMs = revocationFeed.interval;
  return {
    keys: new Upkeep({ name: 'keys', intervalMs: KEYS_INTERVAL_MS, run: work.keys }, dependencies),
    resources: new Upkeep({ name: 'resources', intervalMs: RESOURCES_INTERVAL_MS, run: work.resources }, dependencies),
    revocations: new Upkeep({ name: 'revocations', intervalMs: feedMs, longestRetryMs: feedMs, run: work.revocations }, dependencies),
  };
}
