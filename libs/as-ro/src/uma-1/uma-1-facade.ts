import type { Provider, Type } from '@nestjs/common';
import { nodeSha256 } from '@uma-federation/keys';
import type { Logger } from '@uma-federation/nest-kit';
import { publicDocumentController, RateLimits, wellKnownPaths, type Grant } from '@uma-federation/oauth-server';
import {
  GRANT_TYPES,
  uma1Configuration,
  uma1MediaType,
  uma1RequestMediaTypes,
  type ResourceRegistration,
  type TicketRedemption,
  type Uma1Authorizing,
  type Uma1Introspection,
} from '@uma-federation/uma-core';
import type { AsRoParts } from '../as-ro-parts.ts';
import type { AsRoConfiguration } from '../configuration.ts';
import type { OwnResourceAuthentication } from '../own-resource-authentication.ts';
import { TOKEN_PATH } from '../paths.ts';
import type { ProtectionApi } from '../protection-api.ts';
import type { ResourceServerAuthentication } from '../resource-server-authentication.ts';
import { OWN_RESOURCES, PROTECTION_API, RESOURCE_REGISTRATION, RESOURCE_SERVERS } from '../tokens.ts';
import { ProtectionScopeAlias } from './protection-scope-alias.ts';
import { UMA_1_AUTHORIZATION_PATH, UMA_1_PERMISSION_PATH, UMA_1_REGISTRATION_PATH, UMA_1_RPT_PATH, UMA_1_STATUS_PATH } from './paths.ts';
import { UMA_1_AUTHORIZATION_API, UMA_1_CLIENTS, UMA_1_PROTECTION_API, UMA_1_RESOURCE_SERVERS, UMA_1_RESOURCE_SETS, UMA_1_VERSION } from './tokens.ts';
import { Uma1AuthorizationApi } from './uma-1-authorization-api.ts';
import { uma1AuthorizationControllers } from './uma-1-authorization-controllers.ts';
import { Uma1Clients } from './uma-1-clients.ts';
import { Uma1PermissionController } from './uma-1-permission-controller.ts';
import { Uma1ProtectionApi } from './uma-1-protection-api.ts';
import { Uma1ResourceServers } from './uma-1-resource-servers.ts';
import { uma1ResourceSetController } from './uma-1-resource-set-controllers.ts';
import { Uma1ResourceSets } from './uma-1-resource-sets.ts';
import { Uma1StatusController } from './uma-1-status-controller.ts';

const CONFIGURATION_MAX_AGE_SECONDS = 600;

/** What the facade adds to AS-RO's module. */
export interface Uma1Facade {
  readonly providers: readonly Provider[];
  readonly controllers: readonly Type<unknown>[];
}

/**
 * The facade of UMA 1.0 on the same core (docs/adr/0012): nothing at all unless it is enabled.
 * @param redemptionFor what redeeming a ticket needs, with discovery on the budget of the client
 */
export function uma1Facade(configuration: AsRoConfiguration, parts: AsRoParts, redemptionFor: (clientId: string) => TicketRedemption, logger: Logger): Uma1Facade {
  const { enabled, version, rptLifetime } = configuration.uma1;
  if (!enabled) return { providers: [], controllers: [] };
  const { issuer, clients, limiters, randomness, stores } = parts;
  const authorizing = (clientId: string): Uma1Authorizing => ({
    ...redemptionFor(clientId),
    uma1Tokens: stores.uma1Tokens,
    uma1TokenLifetimeSeconds: rptLifetime,
    uma1PermissionLifetimeSeconds: configuration.lifetimes.rpt,
  });
  const protection = (api: ProtectionApi) => new Uma1ProtectionApi({ issuer, version, api, introspection: introspectionOf(parts), randomness, introspectionLimiter: limiters.introspectionsByResourceServer });
  const sets = (registration: ResourceRegistration) => new Uma1ResourceSets(issuer, registration, nodeSha256);
  return {
    providers: [
      { provide: UMA_1_VERSION, useValue: version },
      { provide: UMA_1_AUTHORIZATION_API, useValue: new Uma1AuthorizationApi(version, authorizing, logger) },
      { provide: UMA_1_CLIENTS, useFactory: (own: OwnResourceAuthentication) => new Uma1Clients(own, clients, new RateLimits(limiters)), inject: [OWN_RESOURCES] },
      { provide: UMA_1_RESOURCE_SERVERS, useFactory: (servers: ResourceServerAuthentication) => new Uma1ResourceServers(servers, clients), inject: [RESOURCE_SERVERS] },
      { provide: UMA_1_PROTECTION_API, useFactory: protection, inject: [PROTECTION_API] },
      { provide: UMA_1_RESOURCE_SETS, useFactory: sets, inject: [RESOURCE_REGISTRATION] },
    ],
    controllers: [configurationController(configuration, parts), ...uma1AuthorizationControllers(version), Uma1PermissionController, Uma1StatusController, uma1ResourceSetController(version)],
  };
}

/** What AS-RO's own introspection needs to know RPTs of UMA 1.0; undefined while these are off. */
export function uma1Introspection({ uma1 }: AsRoConfiguration, parts: AsRoParts): Uma1Introspection | undefined {
  return uma1.enabled ? introspectionOf(parts) : undefined;
}

/** The grant by which a resource server gets its PAT, with the older name of the scope. */
export function withUma1Scope({ uma1 }: AsRoConfiguration, grant: Grant): Grant {
  return uma1.enabled ? new ProtectionScopeAlias(grant) : grant;
}

/** Media types besides `application/json` that the facade reads. */
export function uma1JsonMediaTypes({ uma1 }: AsRoConfiguration): readonly string[] {
  return uma1.enabled ? uma1RequestMediaTypes(uma1.version) : [];
}

function introspectionOf({ stores, clients, clock }: AsRoParts): Uma1Introspection {
  return { uma1Tokens: stores.uma1Tokens, resources: stores.resources, clients, clock, sha256: nodeSha256 };
}

function configurationController({ uma1: { version }, personalProtectionTokens }: AsRoConfiguration, { issuer }: AsRoParts): Type<unknown> {
  const document = uma1Configuration({
    issuer,
    version,
    endpoints: {
      token: `${issuer}${TOKEN_PATH}`,
      rpt: `${issuer}${UMA_1_RPT_PATH}`,
      permission: `${issuer}${UMA_1_PERMISSION_PATH}`,
      authorization: `${issuer}${UMA_1_AUTHORIZATION_PATH}`,
      status: `${issuer}${UMA_1_STATUS_PATH}`,
      resourceSet: `${issuer}${UMA_1_REGISTRATION_PATH}`,
    },
    patGrantTypes: [GRANT_TYPES.clientCredentials, ...(personalProtectionTokens.enabled ? [GRANT_TYPES.tokenExchange] : [])],
    aatGrantTypes: [GRANT_TYPES.umaTicket],
  });
  return publicDocumentController({
    paths: wellKnownPaths(issuer, 'uma-configuration'),
    maxAgeSeconds: CONFIGURATION_MAX_AGE_SECONDS,
    mediaType: uma1MediaType('configuration', version),
    read: () => document,
  });
}
