import { ConfigurationError } from '@uma-federation/nest-kit';
import type { ClientId, ClientRegistration, ClientRegistry } from '@uma-federation/uma-core';
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
  const { clientId, clientSecret, clientSecretHash, public: _isPublic, ...rest } = client;
  const secretHash = clientSecret === undefined ? clientSecretHash : hashClientSecret(clientSecret.reveal());
  return { ...rest, clientId: clientId as ClientId, secretHash };
}
