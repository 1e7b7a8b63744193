import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { nodeSha256 } from '@uma-federation/keys';
import type { WebFingerSettings } from '@uma-federation/federation';
import {
  ClientAssertions,
  ClientAuthentication,
  ClientCertificates,
  DpopProofs,
  publicDocumentController,
  RateLimits,
  TOKEN_ENDPOINT,
  tokenController,
  TokenEndpoint,
  wellKnownPaths,
} from '@uma-federation/oauth-server';
import { SIGNATURE_ALGORITHMS, type TokenExchange } from '@uma-federation/uma-core';
import { asRqpMetadata } from './as-rqp-metadata.ts';
import type { AsRqpParts } from './as-rqp-parts.ts';
import type { AsRqpConfiguration } from './configuration.ts';
import { JWKS_PATH, TOKEN_PATH } from './paths.ts';
import { TokenExchangeGrant } from './token-exchange-grant.ts';
import { WEB_FINGER_SETTINGS, WebFingerController } from './web-finger-controller.ts';

@Module({})
class AsRqpModule {}

/** The composition root of AS-RqP. */
export function asRqpModule(configuration: AsRqpConfiguration, parts: AsRqpParts): DynamicModule {
  const { issuer, keys } = parts;
  const authentication = clientAuthentication(configuration, parts);
  const clients = {
    tokenEndpointAuthenticationMethods: authentication.methods,
    tokenEndpointSigningAlgorithms: SIGNATURE_ALGORITHMS,
    clientIdMetadataDocuments: configuration.clientIdMetadataDocuments.enabled || undefined,
  };
  const metadata = asRqpMetadata(issuer, clients, configuration.identityProviders.map((provider) => provider.issuer));
  const webFinger: WebFingerSettings = {
    domains: configuration.emailDomains,
    requestingPartyIssuer: issuer,
    resourceOwnerIssuer: parts.resourceOwnerIssuer,
  };
  const providers: Provider[] = [
    { provide: TOKEN_ENDPOINT, useValue: tokenEndpoint(configuration, parts, authentication) },
    { provide: WEB_FINGER_SETTINGS, useValue: webFinger },
  ];
  const documents = [...wellKnownPaths(issuer, 'oauth-authorization-server'), ...wellKnownPaths(issuer, 'openid-configuration')];
  return {
    module: AsRqpModule,
    providers,
    controllers: [
      tokenController(TOKEN_PATH),
      publicDocumentController({ paths: documents, maxAgeSeconds: 600, read: () => metadata }),
      publicDocumentController({ paths: [JWKS_PATH], maxAgeSeconds: 300, read: () => keys.jwks() }),
      WebFingerController,
    ],
  };
}

function clientAuthentication(configuration: AsRqpConfiguration, parts: AsRqpParts): ClientAuthentication {
  const { issuer, clock, signatures, clients, clientKeys: keySets, volatile } = parts;
  return new ClientAuthentication(clients, {
    assertions: new ClientAssertions({ issuer, clock, signatures, keySets, replays: volatile.replays }),
    certificates: configuration.clientCertificates ? new ClientCertificates(configuration.server.trustedProxies) : undefined,
  });
}

function tokenEndpoint(configuration: AsRqpConfiguration, parts: AsRqpParts, authentication: ClientAuthentication): TokenEndpoint {
  const { issuer, keys, signatures, clock, randomness } = parts;
  const exchange = (clientId: string): TokenExchange => ({
    issuer,
    signer: keys.signer,
    clock,
    randomness,
    signatures,
    servedDomains: configuration.emailDomains,
    subjectTokens: parts.subjectTokens,
    directory: parts.directoryFor(clientId),
    trust: configuration.trust,
    issuerRules: { allowLoopback: parts.allowLoopback },
    issuerRateLimiter: parts.limiters.byActorIssuer,
    tokenLifetimeSeconds: configuration.tokenLifetime,
    emitActorAudience: configuration.emitActorAudience,
  });
  return new TokenEndpoint({
    url: `${issuer}${TOKEN_PATH}`,
    grants: [new TokenExchangeGrant(exchange)],
    authentication,
    proofs: new DpopProofs({ signatures, clock, sha256: nodeSha256, replays: parts.volatile.replays }),
    rateLimits: new RateLimits(parts.limiters),
  });
}
