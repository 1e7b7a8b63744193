import { asRqpConfiguration, createAsRqp, type AsRqpConfiguration } from '@uma-federation/as-rqp';
import type { ServiceDefinition } from '@uma-federation/nest-kit';

/** AS-RqP as `runService` runs it; settings from the environment begin with `AS_RQP__`. */
export const serviceDefinition: ServiceDefinition<typeof asRqpConfiguration> = {
  name: 'as-rqp',
  schema: asRqpConfiguration,
  developmentSettings,
  create: createAsRqp,
};

/** Settings that a production system may not have. Redirect URIs are not among them: native applications listen on loopback (RFC 8252 7.3). */
function developmentSettings({ issuer, resourceOwnerIssuer, identityProviders, clients, trust, development }: AsRqpConfiguration): Readonly<Record<string, unknown>> {
  return {
    // An empty map, too, permits plain http and loopback addresses.
    'development.addressMap': development.addressMap !== undefined,
    'development.privateNetworks': development.privateNetworks !== undefined,
    issuer,
    resourceOwnerIssuer,
    'identityProviders.issuer': identityProviders.map((provider) => provider.issuer),
    'clients.jwksUri': clients.map(({ jwksUri }) => jwksUri),
    'trust.allow': trust.allow,
  };
}
