import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { nodeSha256 } from '@uma-federation/keys';
import type { Logger, Metrics } from '@uma-federation/nest-kit';
import {
  AccessTokenAuthentication,
  ClientAssertions,
  ClientAuthentication,
  ClientCertificates,
  CLIENT_REGISTRATION_ENDPOINT,
  ClientCredentialsGrant,
  clientRegistrationController,
  ClientRegistrationEndpoint,
  DpopProofs,
  hashClientSecret,
  publicDocumentController,
  RateLimits,
  TOKEN_ENDPOINT,
  tokenController,
  TokenEndpoint,
  wellKnownPaths,
  type ClientAuthenticationParts,
  type ClientCredentialsGrantParts,
} from '@uma-federation/oauth-server';
import {
  ownResourcesOf,
  SIGNATURE_ALGORITHMS,
  type RequestDeciding,
  type ResourceRegistration,
  type ResourceRegistry,
  type RptRefreshing,
  type Sharing,
  type TicketIssuing,
  type TicketRedemption,
} from '@uma-federation/uma-core';
import { asRoMetadata } from './as-ro-metadata.ts';
import type { AsRoParts } from './as-ro-parts.ts';
import { BusRequestLog } from './bus-request-log.ts';
import type { AsRoConfiguration } from './configuration.ts';
import { IntrospectionController } from './introspection-controller.ts';
import { keycloakAlias } from './keycloak/keycloak-alias.ts';
import { OwnResourceAuthentication } from './own-resource-authentication.ts';
import { OwnerAuthentication } from './owner-authentication.ts';
import { OwnerController } from './owner-controller.ts';
import { OwnerRequestsController } from './owner-requests-controller.ts';
import { OwnerResourceServersController, type ConsentKeeping } from './owner-resource-servers-controller.ts';
import { JWKS_PATH, REGISTRATION_PATH, TOKEN_PATH } from './paths.ts';
import { PermissionController } from './permission-controller.ts';
import { PersistedClaimsController, type PersistedClaimsAccess } from './persisted-claims-controller.ts';
import { personalProtectionTokens } from './personal-protection-tokens.ts';
import { ProtectionApiMessages } from './protection-api-messages.ts';
import { ProtectionApi } from './protection-api.ts';
import { ProtectionTokenRefresh } from './protection-token-refresh.ts';
import { RefreshTokenGrant } from './refresh-token-grant.ts';
import { RefreshableRpt } from './refreshable-rpt.ts';
import { ResourceController } from './resource-controller.ts';
import { ResourceServerAuthentication } from './resource-server-authentication.ts';
import { RevocationController } from './revocation-controller.ts';
import { TokenExchangeGrant } from './token-exchange-grant.ts';
import { TokenRevocationController } from './token-revocation-controller.ts';
import { TokenRevocationEndpoint } from './token-revocation-endpoint.ts';
import * as tokens from './tokens.ts';
import { uma1Facade, uma1Introspection, withUma1Scope } from './uma-1/uma-1-facade.ts';
import { UmaTicketGrant } from './uma-ticket-grant.ts';

/** Answers that ask for more before a process is ended: a guard against loops, far above what a person needs. */
const MAX_ROUNDS = 10;

@Module({})
class AsRoModule {}

/** The composition root of AS-RO: every port is bound here, once. */
export function asRoModule(configuration: AsRoConfiguration, parts: AsRoParts, { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics }): DynamicModule {
  const { issuer, keys, stores } = parts;
  const authentication = new ClientAuthentication(parts.clients, clientProofs(configuration, parts));
  const clients = {
    tokenEndpointAuthenticationMethods: authentication.methods,
    tokenEndpointSigningAlgorithms: SIGNATURE_ALGORITHMS,
    clientIdMetadataDocuments: configuration.clientIdMetadataDocuments.enabled || undefined,
    registrationEndpoint: configuration.registration.mode === 'closed' ? undefined : `${issuer}${REGISTRATION_PATH}`,
  };
  const metadata = asRoMetadata(issuer, clients, configuration);
  const uma1 = uma1Facade(configuration, parts, (clientId) => ticketRedemption(configuration, parts, clientId), logger);
  const documents = ['uma2-configuration', 'oauth-authorization-server', 'openid-configuration'].flatMap((suffix) => wellKnownPaths(issuer, suffix));
  const keycloak = keycloakAlias(configuration.keycloakAlias, {
    parts,
    logger,
    emailDomains: configuration.emailDomains,
    clientProofs: clientProofs(configuration, parts),
    granting: (clientId) => ({ ...ticketRedemption(configuration, parts, clientId), resourceSearch: stores.resourceSearch }),
    credentials: clientCredentials(configuration, parts),
  });
  return {
    module: AsRoModule,
    providers: [
      { provide: TOKEN_ENDPOINT, useValue: tokenEndpoint(configuration, parts, logger, authentication) },
      { provide: tokens.ISSUER, useValue: issuer },
      ...protectionApi(configuration, parts),
      ...ownerApi(configuration, parts),
      ...ownResources(configuration, parts),
      ...uma1.providers,
      ...keycloak.providers,
      { provide: tokens.TOKEN_REVOCATION, useValue: tokenRevocation(parts, logger, authentication) },
      { provide: CLIENT_REGISTRATION_ENDPOINT, useValue: clientRegistration(configuration, parts, logger, authentication) },
      { provide: tokens.BUS_REQUEST_LOG, useValue: new BusRequestLog(logger, metrics) },
      { provide: tokens.SHUTDOWN, useValue: { onApplicationShutdown: () => Promise.all([stores.close(), parts.close()]) } },
    ],
    controllers: [
      tokenController(TOKEN_PATH),
      ...(configuration.registration.mode === 'closed' ? [] : [clientRegistrationController(REGISTRATION_PATH)]),
      publicDocumentController({ paths: documents, maxAgeSeconds: 600, read: () => metadata }),
      publicDocumentController({ paths: [JWKS_PATH], maxAgeSeconds: 300, read: () => keys.jwks() }),
      ResourceController,
      PermissionController,
      IntrospectionController,
      RevocationController,
      ProtectionApiMessages,
      OwnerController,
      OwnerRequestsController,
      TokenRevocationController,
      PersistedClaimsController,
      ...uma1.controllers,
      OwnerResourceServersController,
      ...keycloak.controllers,
    ],
  };
}

function ticketIssuing(configuration: AsRoConfiguration, parts: AsRoParts): TicketIssuing & { readonly resources: ResourceRegistry } {
  const { issuer, keys, clock, randomness, sealer, stores } = parts;
  return { issuer, signer: keys.signer, clock, randomness, sealer, sha256: nodeSha256, resources: stores.resources, ticketLifetimeSeconds: configuration.lifetimes.ticket };
}

/** How clients may authenticate themselves besides secrets. */
function clientProofs(configuration: AsRoConfiguration, parts: AsRoParts): ClientAuthenticationParts {
  const { issuer, clock, signatures, clientKeys: keySets, volatile } = parts;
  return {
    assertions: new ClientAssertions({ issuer, clock, signatures, keySets, replays: volatile.replays }),
    certificates: configuration.clientCertificates ? new ClientCertificates(configuration.server.trustedProxies) : undefined,
  };
}

function ticketRedemption(configuration: AsRoConfiguration, parts: AsRoParts, clientId: string): TicketRedemption {
  const { issuer, keys, signatures, stores } = parts;
  return {
    ...ticketIssuing(configuration, parts),
    signatures,
    keys: keys.verificationKeys,
    clients: parts.clients,
    tickets: stores.tickets,
    shares: stores.shares,
    grants: stores.grants,
    requests: stores.requests,
    persistedClaims: stores.persistedClaims,
    ownResources: ownResourcesOf(issuer, servedDomain(configuration)),
    persistedClaimsLifetimeSeconds: configuration.persistedClaims.enabled ? configuration.persistedClaims.lifetime : undefined,
    refreshLifetimeSeconds: configuration.refreshTokens.enabled ? configuration.refreshTokens.lifetime : undefined,
    pollIntervalSeconds: configuration.ownerRequests.interval,
    requestLifetimeSeconds: configuration.ownerRequests.lifetime,
    pendingRequestsPerIssuer: configuration.ownerRequests.pendingPerIssuer,
    directory: parts.directoryFor(clientId),
    identityTrust: configuration.trust,
    holderBinding: configuration.holderBinding,
    rptLifetimeSeconds: configuration.lifetimes.rpt,
    partialGrants: configuration.partialGrants,
    processLifetimeSeconds: configuration.lifetimes.process,
    maxRounds: MAX_ROUNDS,
  };
}

function clientCredentials(configuration: AsRoConfiguration, { issuer, keys, clock, randomness }: AsRoParts): ClientCredentialsGrantParts {
  return { issuer, signer: keys.signer, clock, randomness, lifetimeSeconds: configuration.lifetimes.accessToken };
}

function tokenEndpoint(configuration: AsRoConfiguration, parts: AsRoParts, logger: Logger, authentication: ClientAuthentication): TokenEndpoint {
  const { issuer, clock, signatures } = parts;
  const redemption = (clientId: string): TicketRedemption => ticketRedemption(configuration, parts, clientId);
  const protectionTokens = personalProtectionTokens(configuration, parts);
  const refreshables = [
    ...(configuration.refreshTokens.enabled ? [new RefreshableRpt(rptRefreshing(configuration, parts))] : []),
    ...(protectionTokens === undefined ? [] : [new ProtectionTokenRefresh(protectionTokens)]),
  ];
  const exchanges = { protectionTokens, oauthProfile: configuration.oauthProfile ? redemption : undefined };
  return new TokenEndpoint({
    url: `${issuer}${TOKEN_PATH}`,
    grants: [
      new UmaTicketGrant(redemption, logger),
      withUma1Scope(configuration, new ClientCredentialsGrant(clientCredentials(configuration, parts))),
      ...(Object.values(exchanges).some((exchange) => exchange !== undefined) ? [new TokenExchangeGrant(exchanges, logger)] : []),
      ...(refreshables.length > 0 ? [new RefreshTokenGrant(refreshables)] : []),
    ],
    authentication,
    proofs: new DpopProofs({ signatures, clock, sha256: nodeSha256, replays: parts.volatile.replays }),
    rateLimits: new RateLimits(parts.limiters),
  });
}

function clientRegistration(configuration: AsRoConfiguration, parts: AsRoParts, logger: Logger, authentication: ClientAuthentication): ClientRegistrationEndpoint {
  const { mode, initialAccessTokens, grantTypes, maxClients } = configuration.registration;
  const { issuer, clock, randomness, stores, limiters, registrationLimiter: registrations, urlPolicy, events } = parts;
  return new ClientRegistrationEndpoint({
    url: `${issuer}${REGISTRATION_PATH}`,
    initialAccessTokenHashes: mode === 'open' ? undefined : initialAccessTokens.map((token) => hashClientSecret(token.reveal())),
    store: stores.clients,
    methods: authentication.methods,
    onRemoved: (clientId) => void events?.publish({ type: 'client-revoked', issuer, clientId }),
    ...{ clock, randomness, sha256: nodeSha256, grantTypes, maxClients, rateLimits: new RateLimits(limiters), registrations, urlPolicy, logger },
  });
}

function rptRefreshing(configuration: AsRoConfiguration, { issuer, keys, clock, randomness, clients, stores }: AsRoParts): RptRefreshing {
  const { refreshTokens, grants } = stores;
  return { issuer, signer: keys.signer, clock, randomness, sha256: nodeSha256, clients, refreshTokens, grants, identityTrust: configuration.trust, rptLifetimeSeconds: configuration.lifetimes.rpt };
}

function tokenRevocation({ issuer, keys, clock, signatures, stores, limiters, events }: AsRoParts, logger: Logger, authentication: ClientAuthentication): TokenRevocationEndpoint {
  const { grants, persistedClaims, refreshTokens, protectionRefreshTokens } = stores;
  return new TokenRevocationEndpoint({
    authentication,
    rateLimits: new RateLimits(limiters),
    revocation: { issuer, keys: keys.verificationKeys, signatures, clock, sha256: nodeSha256, grants, persistedClaims, refreshTokens, protectionRefreshTokens },
    onRevoked: () => void events?.publish({ type: 'rpt-revoked', issuer }),
    logger,
  });
}

/** The first domain stands for the server: `emailDomains` has at least one. */
function servedDomain({ emailDomains }: AsRoConfiguration): string {
  return emailDomains[0] ?? '';
}

function ownResources(configuration: AsRoConfiguration, parts: AsRoParts): Provider[] {
  const { issuer, keys, clock, signatures, stores, volatile, limiters } = parts;
  const proofs = new DpopProofs({ signatures, clock, sha256: nodeSha256, replays: volatile.replays });
  const own = new OwnResourceAuthentication({
    own: ownResourcesOf(issuer, servedDomain(configuration)),
    accessTokens: new AccessTokenAuthentication({ issuer, keys: keys.verificationKeys, signatures, clock, proofs }),
    tickets: ticketIssuing(configuration, parts),
    grants: stores.grants,
    clock,
    rateLimits: new RateLimits(limiters),
  });
  const access: PersistedClaimsAccess = { store: stores.persistedClaims, clock };
  return [
    { provide: tokens.OWN_RESOURCES, useValue: own },
    { provide: tokens.PERSISTED_CLAIMS, useValue: access },
  ];
}

function protectionApi(configuration: AsRoConfiguration, parts: AsRoParts): Provider[] {
  const { issuer, keys, clock, signatures, stores, randomness, clients } = parts;
  const proofs = new DpopProofs({ signatures, clock, sha256: nodeSha256, replays: parts.volatile.replays });
  const accessTokens = new AccessTokenAuthentication({ issuer, keys: keys.verificationKeys, signatures, clock, proofs });
  const registration: ResourceRegistration = { resources: stores.resources, randomness, servedDomains: configuration.emailDomains };
  const api = new ProtectionApi({
    issuer,
    registration,
    tickets: ticketIssuing(configuration, parts),
    ticketLimiter: parts.limiters.ticketsByResourceServer,
    uma1: uma1Introspection(configuration, parts),
    introspectionLimiter: parts.limiters.introspectionsByResourceServer,
    introspection: { issuer, keys: keys.verificationKeys, signatures, clock, grants: stores.grants, resources: stores.resources },
    revocations: stores.revocations,
    clock,
  });
  return [
    { provide: tokens.RESOURCE_SERVERS, useValue: new ResourceServerAuthentication(issuer, accessTokens, clients, stores.consents) },
    { provide: tokens.RESOURCE_REGISTRATION, useValue: registration },
    { provide: tokens.PROTECTION_API, useValue: api },
  ];
}

function ownerApi(configuration: AsRoConfiguration, parts: AsRoParts): Provider[] {
  const { clock, signatures, stores, randomness, ownerProvider } = parts;
  const sharing: Sharing & { readonly resources: ResourceRegistry } = { shares: stores.shares, resources: stores.resources, clock, randomness };
  const owners = new OwnerAuthentication(ownerProvider, configuration.owners.clientIds, configuration.emailDomains, { signatures, clock });
  const consents: ConsentKeeping = { consents: stores.consents, clients: parts.clients, clock, randomness };
  return [
    { provide: tokens.SHARING, useValue: sharing },
    { provide: tokens.OWNER_REQUESTS, useValue: { requests: stores.requests, clock, randomness } satisfies RequestDeciding },
    { provide: tokens.CONSENTS, useValue: consents },
    { provide: tokens.OWNERS, useValue: owners },
  ];
}
