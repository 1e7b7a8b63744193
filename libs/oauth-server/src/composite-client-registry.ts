import type { ClientRegistration, ClientRegistry } from '@uma-federation/uma-core';

/** Several registries as one: the first that knows a client id says who it is. */
export class CompositeClientRegistry implements ClientRegistry {
  readonly #registries: readonly ClientRegistry[];

  /** @param registries the one that is trusted most comes first: what it says nobody behind it can change */
  constructor(registries: readonly ClientRegistry[]) {
    this.#registries = registries;
  }

  /** @inheritdoc */
  async find(clientId: string, source?: string): Promise<ClientRegistration | undefined> {
    for (const registry of this.#registries) {
      const found = await registry.find(clientId, source);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
