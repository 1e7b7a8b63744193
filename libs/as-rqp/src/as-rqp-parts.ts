import { readFile } from 'node:fs/promises';
import {
  ConfiguredSubjectTokens,
  createConfiguredIssuer,
  createConfiguredPeer,
  createGuardedFetch,
  HttpIssuerDirectory,
  MAX_CLIENT_DOCUMENT_BYTES,
  RemoteKeySets,
  type ConfiguredPeer,
  type IdentityProvider,
} from '@uma-federation/federation';
import { loadKeyRing, NodeSignatureVerifier, readOrCreateKeyFile, SystemClock, SystemRandomness, type KeyRing } from '@uma-federation/keys';
import { sharedRedis } from '@uma-federation/nest-kit';
import { ClientDocumentRegistry, CompositeClientRegistry, requireEmailDomains, requireOwnIssuer, StaticClientRegistry } from '@uma-federation/oauth-server';
import type {
  Clock,
  ClientRegistry,
  Issuer,
  IssuerDirectory,
  Randomness,
  RateLimiter,
  SignatureVerifier,
  SubjectTokens,
} from '@uma-federation/uma-core';
import { createVolatileState, type VolatileState } from '@uma-federation/volatile-state';
import type { AsRqpConfiguration } from './configuration.ts';

/** The adapters behind AS-RqP's ports. */
export interface AsRqpParts {
  readonly issuer: Issuer;
  readonly resourceOwnerIssuer: Issuer | undefined;
  readonly allowLoopback: boolean;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly keys: KeyRing;
  readonly signatures: SignatureVerifier;
  readonly clients: ClientRegistry;
  /** Keys that clients publish. */
  readonly clientKeys: RemoteKeySets;
  readonly subjectTokens: SubjectTokens;
  /** The directory on the budget of one client. */
  readonly directoryFor: (clientId: string) => IssuerDirectory;
  /** Replay windows, and what the limiters count in. */
  readonly volatile: VolatileState;
  readonly limiters: { readonly bySource: RateLimiter; readonly byClient: RateLimiter; readonly byActorIssuer: RateLimiter };
  readonly close: () => Promise<void>;
}

/**
 * Makes the adapters that the configuration asks for. Opens no socket.
 * @param overrides replaces parts, for tests and for a whole domain in one process
 * @throws ConfigurationError when an issuer or domain is not acceptable
 */
export async function createAsRqpParts(configuration: AsRqpConfiguration, overrides: Partial<AsRqpParts> = {}): Promise<AsRqpParts> {
  const { addressMap, privateNetworks } = configuration.development;
  const allowLoopback = addressMap !== undefined;
  const clock = overrides.clock ?? new SystemClock();
  const volatile = overrides.volatile ?? createVolatileState({ clock, service: 'as-rqp', shared: sharedRedis(configuration) });
  const signatures = overrides.signatures ?? new NodeSignatureVerifier();
  const authorities = configuration.certificateAuthorityFile === undefined ? undefined : [await readFile(configuration.certificateAuthorityFile, 'utf8')];
  const issuer = requireOwnIssuer(configuration.issuer, 'issuer', allowLoopback);
  requireEmailDomains(configuration.emailDomains, 'emailDomains');
  const peer = createConfiguredPeer([...new Set(configuration.identityProviders.map((provider) => new URL(provider.issuer).origin))], {
    certificateAuthorities: authorities,
  });
  const strangers = { loopback: addressMap === undefined ? undefined : { addressMap }, privateNetworks, certificateAuthorities: authorities };
  const discovery = { fetch: createGuardedFetch(strangers), clock, limits: configuration.limits.discovery };
  const directory = new HttpIssuerDirectory(discovery);
  return {
    issuer,
    resourceOwnerIssuer:
      configuration.resourceOwnerIssuer === undefined ? undefined : requireOwnIssuer(configuration.resourceOwnerIssuer, 'resourceOwnerIssuer', allowLoopback),
    allowLoopback,
    clock,
    randomness: new SystemRandomness(),
    keys: overrides.keys ?? loadKeyRing(await readOrCreateKeyFile(configuration.keyFile)),
    signatures,
    clients: new CompositeClientRegistry([
      await StaticClientRegistry.fromConfiguration(configuration.clients),
      new ClientDocumentRegistry({
        ...discovery,
        settings: configuration.clientIdMetadataDocuments,
        fetch: createGuardedFetch({ ...strangers, maxBodyBytes: MAX_CLIENT_DOCUMENT_BYTES }),
      }),
    ]),
    clientKeys: new RemoteKeySets(discovery),
    subjectTokens: new ConfiguredSubjectTokens(identityProviders(configuration, peer, clock), issuer, { signatures, clock }),
    directoryFor: (clientId) => directory.forCaller(clientId),
    volatile,
    limiters: {
      bySource: volatile.limiter('source', configuration.limits.perSource),
      byClient: volatile.limiter('client', configuration.limits.perClient),
      byActorIssuer: volatile.limiter('actor-issuer', configuration.limits.perResourceOwnerServer),
    },
    close: async () => {
      volatile.close();
      await peer.close();
    },
    ...overrides,
  };
}

function identityProviders(configuration: AsRqpConfiguration, peer: ConfiguredPeer, clock: Clock): IdentityProvider[] {
  return configuration.identityProviders.map(({ issuer, introspection }) => ({
    configured: createConfiguredIssuer(issuer, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, peer, clock),
    introspection:
      introspection === undefined ? undefined : { peer, clientId: introspection.clientId, clientSecret: introspection.clientSecret.reveal(), audiences: introspection.audiences },
  }));
}
