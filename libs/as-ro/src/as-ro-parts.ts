import { readFile } from 'node:fs/promises';
import { createConfiguredIssuer, createConfiguredPeer, createGuardedFetch, HttpIssuerDirectory, type ConfiguredIssuer } from '@uma-federation/federation';
import {
  loadKeyRing,
  NodeSignatureVerifier,
  readOrCreateKeyFile,
  readOrCreateSecretFile,
  SystemClock,
  SystemRandomness,
  type KeyRing,
} from '@uma-federation/keys';
import type { Logger, ReadinessCheck } from '@uma-federation/nest-kit';
import { requireEmailDomains, requireOwnIssuer, StaticClientRegistry } from '@uma-federation/oauth-server';
import {
  JoseContextSealer,
  type ClientRegistry,
  type Clock,
  type ContextSealer,
  type Issuer,
  type IssuerDirectory,
  type Randomness,
  type RateLimiter,
  type ReplayGuard,
  type SignatureVerifier,
} from '@uma-federation/uma-core';
import type { AsRoStores } from '@uma-federation/persistence';
import { MemoryRateLimiter, MemoryReplayGuard } from '@uma-federation/volatile-state';
import type { AsRoConfiguration } from './configuration.ts';
import { openPostgresStores } from './postgres-stores.ts';

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
  readonly stores: DurableStores;
  /** The domain's OpenID Provider, where resource owners sign in. */
  readonly ownerProvider: ConfiguredIssuer;
  /** The directory on the budget of one client. */
  readonly directoryFor: (clientId: string) => IssuerDirectory;
  readonly replays: ReplayGuard;
  readonly limiters: { readonly bySource: RateLimiter; readonly byClient: RateLimiter; readonly ticketsByResourceServer: RateLimiter };
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
  const clock = overrides.clock ?? new SystemClock();
  const authorities = configuration.certificateAuthorityFile === undefined ? undefined : [await readFile(configuration.certificateAuthorityFile, 'utf8')];
  const { identityProvider } = configuration.owners;
  const peer = createConfiguredPeer([new URL(identityProvider).origin], { certificateAuthorities: authorities });
  const directory = new HttpIssuerDirectory({
    fetch: createGuardedFetch({ loopback: addressMap === undefined ? undefined : { addressMap }, privateNetworks, certificateAuthorities: authorities }),
    clock,
    limits: configuration.limits.discovery,
  });
  return {
    issuer,
    clock,
    randomness: new SystemRandomness(),
    keys: overrides.keys ?? loadKeyRing(await readOrCreateKeyFile(configuration.keyFile)),
    signatures: new NodeSignatureVerifier(),
    sealer: overrides.sealer ?? new JoseContextSealer([await readOrCreateSecretFile(configuration.contextKeyFile)]),
    clients: await StaticClientRegistry.fromConfiguration(configuration.clients),
    stores: overrides.stores ?? openPostgresStores(configuration.database, clock, logger),
    ownerProvider: createConfiguredIssuer(identityProvider, `${identityProvider.replace(/\/$/, '')}/.well-known/openid-configuration`, peer, clock),
    directoryFor: (clientId) => directory.forCaller(clientId),
    replays: new MemoryReplayGuard(clock),
    limiters: {
      bySource: perMinute(configuration.limits.perSource),
      byClient: perMinute(configuration.limits.perClient),
      ticketsByResourceServer: perMinute(configuration.limits.ticketsPerResourceServer),
    },
    close: () => peer.close(),
    ...overrides,
  };
}

function perMinute(points: number): RateLimiter {
  return new MemoryRateLimiter({ points, durationSeconds: 60 });
}
