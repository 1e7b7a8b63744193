import type { ClientId, RevocationFeed, RevocationPage } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** The revocation feed in memory: for development and tests. One page, everything that is still alive. */
export class MemoryRevocationFeed implements RevocationFeed {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async read(resourceServer: ClientId, _cursor: string | undefined, now: number, owner?: string): Promise<RevocationPage> {
    const revoked = [...this.#state.tokens.values()].filter(
      (grant) => grant.resourceServer === resourceServer && grant.owner === (owner ?? grant.owner) && grant.expiresAt > now && !this.#state.stands(grant),
    );
    return { revoked: revoked.map(({ tokenId, expiresAt }) => ({ tokenId, expiresAt })), cursor: '0', more: false };
  }
}
