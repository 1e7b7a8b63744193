import type { ClientId, ConsentId, ProtectionRefreshToken, ProtectionRefreshTokens } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** Refresh tokens of persons' PATs in memory: for development and tests. */
export class MemoryProtectionRefreshTokens implements ProtectionRefreshTokens {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async keep(token: ProtectionRefreshToken): Promise<void> {
    this.#state.tidy();
    this.#state.protectionRefreshTokens.set(token.hash, { ...token, line: token.hash, used: false });
  }

  async rotate(
    { hash, resourceServer, now }: Parameters<ProtectionRefreshTokens['rotate']>[0],
    next: Parameters<ProtectionRefreshTokens['rotate']>[1],
  ): Promise<{ readonly owner: string; readonly consent: ConsentId } | 'reused' | undefined> {
    const { consents, protectionRefreshTokens: tokens } = this.#state;
    const token = tokens.get(hash);
    if (token?.resourceServer !== resourceServer) return undefined;
    if (token.used) {
      this.#endLine(token.line);
      return 'reused';
    }
    const consent = [...consents.values()].find(({ id, endedAt }) => id === token.consent && endedAt === undefined);
    if (token.expiresAt <= now || consent === undefined) return undefined;
    tokens.set(hash, { ...token, used: true });
    tokens.set(next.hash, { ...token, ...next });
    consents.set(JSON.stringify([consent.owner, resourceServer]), { ...consent, lastUsedAt: Math.max(consent.lastUsedAt ?? now, now) });
    return { owner: consent.owner, consent: consent.id };
  }

  async revoke(hash: string, resourceServer: ClientId): Promise<'revoked' | 'another_client' | 'unknown'> {
    const token = this.#state.protectionRefreshTokens.get(hash);
    if (token === undefined) return 'unknown';
    if (token.resourceServer !== resourceServer) return 'another_client';
    this.#endLine(token.line);
    return 'revoked';
  }

  #endLine(line: string): void {
    const { protectionRefreshTokens: tokens } = this.#state;
    for (const [hash, token] of tokens) if (token.line === line) tokens.delete(hash);
  }
}
