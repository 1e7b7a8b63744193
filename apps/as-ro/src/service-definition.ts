import { asRoConfiguration, createAsRo, type AsRoConfiguration } from '@uma-federation/as-ro';
import type { ServiceDefinition } from '@uma-federation/nest-kit';

/** AS-RO as `runService` runs it; settings from the environment begin with `AS_RO__`. */
export const serviceDefinition: ServiceDefinition<typeof asRoConfiguration> = {
  name: 'as-ro',
  schema: asRoConfiguration,
  developmentSettings,
  create: createAsRo,
};

/** Settings that a production system may not have. Redirect URIs are not among them: native applications listen on loopback (RFC 8252 7.3). */
function developmentSettings({ issuer, owners, clients, trust, development, keycloakAlias }: AsRoConfiguration): Readonly<Record<string, unknown>> {
  return {
    // An empty map, too, permits plain http and loopback addresses.
    'development.addressMap': development.addressMap !== undefined,
    'development.privateNetworks': development.privateNetworks !== undefined,
    issuer,
    'owners.identityProvider': owners.identityProvider,
    'clients.resourceServer': clients.map(({ resourceServer }) => resourceServer),
    'clients.jwksUri': clients.map(({ jwksUri }) => jwksUri),
    'trust.allow': trust.allow,
    'keycloakAlias.allowedOrigins': keycloakAlias?.allowedOrigins,
  };
}
