import { usableKeys } from '@uma-federation/federation';
import { ConfigurationError } from '@uma-federation/nest-kit';
import type { ClientId, ClientRegistration, ClientRegistry, JsonObject } from '@uma-federation/uma-core';
import type { ClientConfiguration } from './client-configuration.ts';
import { hashClientSecret } from './client-secret.ts';

/** The clients that are named in the configuration. */
export class StaticClientRegistry implements ClientRegistry {
  readonly #clients: ReadonlyMap<string, ClientRegistration>;

  private constructor(clients: ReadonlyMap<string, ClientRegistration>) {
    this.#clients = clients;
  }

  /**
   * Builds the registry; secrets are hashed here and forgotten.
   * @throws ConfigurationError when two clients have the same id
   */
  static async fromConfiguration(clients: readonly ClientConfiguration[]): Promise<StaticClientRegistry> {
    const registrations = await Promise.all(clients.map(toRegistration));
    const byId = new Map<string, ClientRegistration>(registrations.map((client) => [client.clientId, client]));
    if (byId.size !== registrations.length) throw new ConfigurationError(['clients: two clients have the same clientId']);
    return new StaticClientRegistry(byId);
  }

  /** @inheritdoc */
  async find(clientId: string): Promise<ClientRegistration | undefined> {
    return this.#clients.get(clientId);
  }
}

async function toRegistration(client: ClientConfiguration): Promise<ClientRegistration> {
  const { clientId, clientSecret, clientSecretHash, public: _isPublic, jwks, jwksUri, tlsClientAuth, ...rest } = client;
  const secretHash = clientSecret === undefined ? clientSecretHash : hashClientSecret(clientSecret.reveal());
  const common = { ...rest, clientId: clientId as ClientId, secretHash };
  if (tlsClientAuth !== undefined) return { ...common, authenticationMethod: 'tls_client_auth', certificate: tlsClientAuth };
  const keys = jwksUri === undefined ? jwks && { jwks: jwks as JsonObject } : { jwksUri };
  if (keys === undefined) return common;
  if ('jwks' in keys) requireUsableKeys(clientId, keys.jwks);
  return { ...common, authenticationMethod: 'private_key_jwt', keys };
}

function requireUsableKeys(clientId: string, jwks: JsonObject): void {
  if (usableKeys(jwks).size === 0) throw new ConfigurationError([`clients: ${clientId} has no public key (with kid) that fits ES256, EdDSA, PS256 or RS256`]);
}
