import type { Provider, Type } from '@nestjs/common';
import { ConfiguredSubjectTokens } from '@uma-federation/federation';
import { nodeSha256 } from '@uma-federation/keys';
import type { Logger } from '@uma-federation/nest-kit';
import { ClientCredentialsGrant, DpopProofs, publicDocumentController, RateLimits, TokenEndpoint, type ClientAuthenticationParts, type ClientCredentialsGrantParts } from '@uma-federation/oauth-server';
import type { AsRoParts } from '../as-ro-parts.ts';
import type { ProtectionApi } from '../protection-api.ts';
import type { ResourceServerAuthentication } from '../resource-server-authentication.ts';
import { PROTECTION_API, RESOURCE_SERVERS } from '../tokens.ts';
import { KeycloakClientAuthentication } from './keycloak-client-authentication.ts';
import { KeycloakClientCredentialsGrant } from './keycloak-client-credentials-grant.ts';
import type { KeycloakConfiguration } from './keycloak-configuration.ts';
import { keycloakMetadata } from './keycloak-metadata.ts';
import { keycloakPaths } from './keycloak-paths.ts';
import { KEYCLOAK_PROTECTION, KEYCLOAK_RESOURCE_SERVERS, keycloakPermissionController, keycloakResourceController } from './keycloak-protection-controllers.ts';
import { KeycloakProtection } from './keycloak-protection.ts';
import { KeycloakResourceServers } from './keycloak-resource-servers.ts';
import { KEYCLOAK_TOKEN_ENDPOINT, keycloakTokenController } from './keycloak-token-controller.ts';
import { KeycloakUmaGrant, type KeycloakGranting } from './keycloak-uma-grant.ts';
import { KeycloakUserTokens } from './keycloak-user-tokens.ts';

/** What the alias needs of the server around it. */
export interface KeycloakSurroundings {
  readonly parts: AsRoParts;
  readonly logger: Logger;
  readonly emailDomains: readonly string[];
  readonly clientProofs: ClientAuthenticationParts;
  readonly granting: (clientId: string) => KeycloakGranting;
  readonly credentials: ClientCredentialsGrantParts;
}

/** The room of the Keycloak alias: its providers and controllers; none without a configuration. */
export function keycloakAlias(
  configuration: KeycloakConfiguration | undefined,
  surroundings: KeycloakSurroundings,
): { readonly providers: readonly Provider[]; readonly controllers: readonly Type<unknown>[] } {
  if (configuration === undefined) return { providers: [], controllers: [] };
  const { issuer, keys, clients, limiters, stores } = surroundings.parts;
  const paths = keycloakPaths(configuration.realm);
  const authentication = new KeycloakClientAuthentication(clients, surroundings.clientProofs);
  const metadata = keycloakMetadata(issuer, paths, authentication.methods);
  const rateLimits = new RateLimits(limiters);
  return {
    providers: [
      { provide: KEYCLOAK_TOKEN_ENDPOINT, useValue: tokenEndpoint(`${issuer}${paths.token}`, configuration, surroundings, authentication) },
      { provide: KEYCLOAK_PROTECTION, useFactory: (api: ProtectionApi) => new KeycloakProtection(api, stores), inject: [PROTECTION_API] },
      {
        provide: KEYCLOAK_RESOURCE_SERVERS,
        useFactory: (servers: ResourceServerAuthentication) => new KeycloakResourceServers(servers, authentication, rateLimits),
        inject: [RESOURCE_SERVERS],
      },
    ],
    controllers: [
      publicDocumentController({ paths: paths.documents, maxAgeSeconds: 600, read: () => metadata }),
      publicDocumentController({ paths: [paths.keys], maxAgeSeconds: 300, read: () => keys.jwks() }),
      keycloakTokenController(paths, configuration.allowedOrigins),
      keycloakResourceController(paths),
      keycloakPermissionController(paths),
    ],
  };
}

function tokenEndpoint(
  url: string,
  { accessTokenAudience }: KeycloakConfiguration,
  { parts, logger, emailDomains, granting, credentials }: KeycloakSurroundings,
  authentication: KeycloakClientAuthentication,
): TokenEndpoint {
  const { issuer, signatures, clock, limiters, ownerProvider, volatile } = parts;
  const tokens = new ConfiguredSubjectTokens([{ configured: ownerProvider }], accessTokenAudience ?? issuer, { signatures, clock });
  return new TokenEndpoint({
    url,
    grants: [
      new KeycloakUmaGrant(new KeycloakUserTokens(tokens, emailDomains), granting, logger),
      new KeycloakClientCredentialsGrant(new ClientCredentialsGrant(credentials)),
    ],
    authentication,
    proofs: new DpopProofs({ signatures, clock, sha256: nodeSha256, replays: volatile.replays }),
    rateLimits: new RateLimits(limiters),
  });
}
