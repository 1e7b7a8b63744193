import {
  REGISTERED_CLIENT_PREFIX, toClientRegistration,
  type ClientRegistration, type ClientRegistry, type ClientStore, type SelfRegisteredRules,
} from '@uma-federation/uma-core';

/** The clients that registered themselves. */
export class RegisteredClientRegistry implements ClientRegistry {
  readonly #store: Pick<ClientStore, 'find'>;
  readonly #rules: SelfRegisteredRules;

  constructor(store: Pick<ClientStore, 'find'>, rules: SelfRegisteredRules) {
    this.#store = store;
    this.#rules = rules;
  }

  /** @inheritdoc */
  async find(clientId: string): Promise<ClientRegistration | undefined> {
    // Ids of other kinds are not worth a question to the database.
    const client = clientId.startsWith(REGISTERED_CLIENT_PREFIX) ? await this.#store.find(clientId) : undefined;
    return client === undefined ? undefined : toClientRegistration(client, this.#rules);
  }
}
