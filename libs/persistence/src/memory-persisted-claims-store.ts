import type { ClientId, PersistedClaims, PersistedClaimsStore } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** Persisted claims in memory: for development and tests. */
export class MemoryPersistedClaimsStore implements PersistedClaimsStore {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async find(tokenHash: string, now: number): Promise<PersistedClaims | undefined> {
    const found = this.#state.persistedClaims.get(tokenHash);
    return found !== undefined && found.expiresAt > now ? structuredClone(found) : undefined;
  }

  async listByPerson(email: string, now: number): Promise<readonly PersistedClaims[]> {
    const found = [...this.#state.persistedClaims.values()].filter(({ identity, expiresAt }) => identity.email === email && expiresAt > now);
    return structuredClone(found.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1)));
  }

  async erase(email: string, id?: string): Promise<number> {
    const erased = [...this.#state.persistedClaims.values()].filter((entry) => entry.identity.email === email && (id === undefined || entry.id === id));
    for (const { tokenHash, id: erasedId, clientId } of erased) {
      this.#state.persistedClaims.delete(tokenHash);
      this.#state.note('persisted_claims_erased', { id: erasedId, client_id: clientId });
    }
    return erased.length;
  }

  async revoke(tokenHash: string, clientId: ClientId): Promise<'revoked' | 'another_client' | 'unknown'> {
    const found = this.#state.persistedClaims.get(tokenHash);
    if (found === undefined) return 'unknown';
    if (found.clientId !== clientId) return 'another_client';
    this.#state.persistedClaims.delete(tokenHash);
    return 'revoked';
  }
}
