import type { ClientId, ClientStore, RegisteredClient } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** Clients that registered themselves, in memory: for development and tests. */
export class MemoryClientStore implements ClientStore {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async create(client: RegisteredClient, limit: number): Promise<boolean> {
    const { clients } = this.#state;
    if (clients.size >= limit) return false;
    if (clients.has(client.clientId)) throw new Error('a client with this id exists');
    clients.set(client.clientId, structuredClone(client));
    this.#state.note('client_registered', { client_id: client.clientId });
    return true;
  }

  async find(clientId: string): Promise<RegisteredClient | undefined> {
    return structuredClone(this.#state.clients.get(clientId as ClientId));
  }

  async replace({ clientId, metadata, secretHash }: Pick<RegisteredClient, 'clientId' | 'metadata' | 'secretHash'>): Promise<boolean> {
    const current = this.#state.clients.get(clientId);
    if (current === undefined) return false;
    const { secretHash: _former, ...kept } = current;
    this.#state.clients.set(clientId, structuredClone({ ...kept, metadata, ...(secretHash === undefined ? {} : { secretHash }) }));
    this.#state.note('client_replaced', { client_id: clientId });
    return true;
  }

  async remove(clientId: string, now: number): Promise<boolean> {
    const { clients, tokens, revokedTokens, persistedClaims, refreshTokens } = this.#state;
    if (!clients.delete(clientId as ClientId)) return false;
    for (const [key, token] of tokens) if (token.clientId === clientId && token.expiresAt > now) revokedTokens.add(key);
    for (const [key, claims] of persistedClaims) if (claims.clientId === clientId) persistedClaims.delete(key);
    for (const [key, { grant }] of refreshTokens) if (grant.clientId === clientId) refreshTokens.delete(key);
    this.#state.note('client_removed', { client_id: clientId });
    return true;
  }
}
