import type { ClientId, RefreshableGrant, RefreshTokenStore } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** Refresh tokens in memory: for development and tests. */
export class MemoryRefreshTokenStore implements RefreshTokenStore {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async rotate(use: Parameters<RefreshTokenStore['rotate']>[0]): Promise<RefreshableGrant | undefined> {
    const grants = [...this.#state.refreshTokens.values()].filter(({ clientId }) => clientId === use.clientId);
    const copied = grants.find(({ previousHash }) => previousHash === use.tokenHash);
    if (copied !== undefined) this.#end(copied);
    const grant = grants.find(({ tokenHash }) => tokenHash === use.tokenHash);
    if (grant === undefined || grant.expiresAt <= use.now || !grant.shares.every((id) => this.#state.shares.has(id))) return undefined;
    if (grant.thumbprint !== undefined && grant.thumbprint !== use.thumbprint) return undefined;
    const { previousHash: _previous, ...next } = { ...grant, tokenHash: use.nextTokenHash };
    this.#state.refreshTokens.set(grant.id, { ...next, previousHash: use.tokenHash });
    return structuredClone(next);
  }

  async revoke(tokenHash: string, clientId: ClientId): Promise<'revoked' | 'another_client' | 'unknown'> {
    const grant = [...this.#state.refreshTokens.values()].find((candidate) => candidate.tokenHash === tokenHash);
    if (grant === undefined) return 'unknown';
    if (grant.clientId !== clientId) return 'another_client';
    this.#end(grant);
    return 'revoked';
  }

  #end({ id, clientId }: RefreshableGrant): void {
    this.#state.refreshTokens.delete(id);
    for (const [key, token] of this.#state.tokens) if (token.refreshId === id) this.#state.revokedTokens.add(key);
    this.#state.note('refresh_token_revoked', { id, client_id: clientId });
  }
}
