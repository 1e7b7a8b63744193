import type { ClientId, RefreshableGrant, RefreshTokenStore } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** Refresh tokens in memory: for development and tests. */
export class MemoryRefreshTokenStore implements RefreshTokenStore {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async find(tokenHash: string, clientId: ClientId, now: number): Promise<RefreshableGrant | undefined> {
    const found = [...this.#state.refreshTokens.values()].find(({ grant }) => grant.tokenHash === tokenHash)?.grant;
    return found?.clientId === clientId && found.expiresAt > now ? structuredClone(found) : undefined;
  }

  async rotate(use: Parameters<RefreshTokenStore['rotate']>[0]): Promise<RefreshableGrant | undefined> {
    const own = [...this.#state.refreshTokens.values()].filter(({ grant }) => grant.clientId === use.clientId);
    const copied = own.find(({ usedHashes }) => usedHashes.includes(use.tokenHash));
    if (copied !== undefined) this.#end(copied.grant);
    const { grant, usedHashes } = own.find((entry) => entry.grant.tokenHash === use.tokenHash) ?? {};
    if (grant === undefined || usedHashes === undefined || grant.expiresAt <= use.now || !grant.shares.every((id) => this.#state.shares.has(id))) return undefined;
    if (grant.thumbprint !== undefined && grant.thumbprint !== use.thumbprint) return undefined;
    const next = { ...grant, tokenHash: use.nextTokenHash };
    this.#state.refreshTokens.set(grant.id, { grant: next, expiresAt: next.expiresAt, usedHashes: [...usedHashes, use.tokenHash] });
    return structuredClone(next);
  }

  async revoke(tokenHash: string, clientId: ClientId): Promise<'revoked' | 'another_client' | 'unknown'> {
    const grant = [...this.#state.refreshTokens.values()].find((entry) => entry.grant.tokenHash === tokenHash || entry.usedHashes.includes(tokenHash))?.grant;
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
