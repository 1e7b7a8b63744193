import { invalidGrant, type ConsumedClaimsToken, type GrantCompanions, type GrantLedger, type GrantRecord, type Issuer, type PersistedClaims, type TokenId } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** Grants in memory: for development and tests. */
export class MemoryGrantLedger implements GrantLedger {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  /** @throws ProtocolError `invalid_grant` when the ticket already has its RPT */
  async record(grant: GrantRecord, claimsToken?: ConsumedClaimsToken, companions: GrantCompanions = {}): Promise<'recorded' | 'claims_token_used' | 'share_withdrawn'> {
    this.#state.tidy();
    const { consumedClaimsTokens, grantedTickets, refreshTokens, shares, tokens } = this.#state;
    if (!grant.shares.every((id) => shares.has(id))) return 'share_withdrawn';
    const isRefreshed = grant.refreshId !== undefined && companions.refreshToken === undefined;
    if (isRefreshed && !refreshTokens.has(grant.refreshId)) return 'share_withdrawn';
    const claimsKey = claimsToken === undefined ? undefined : this.#state.keyOf(claimsToken.issuer, claimsToken.tokenId);
    if (claimsKey !== undefined && consumedClaimsTokens.has(claimsKey)) return 'claims_token_used';
    const ticketKey = this.#state.keyOf(grant.issuer, grant.ticketId);
    if (grantedTickets.has(ticketKey)) throw invalidGrant('ticket_already_granted');
    if (claimsKey !== undefined && claimsToken !== undefined) consumedClaimsTokens.set(claimsKey, claimsToken.expiresAt);
    grantedTickets.add(ticketKey);
    tokens.set(this.#state.keyOf(grant.issuer, grant.tokenId), structuredClone(grant));
    this.#recordCompanions(grant, companions);
    this.#state.note('token_granted', { ...structuredClone(grant) });
    return 'recorded';
  }

  async consumeClaimsToken({ issuer, tokenId, expiresAt }: ConsumedClaimsToken): Promise<boolean> {
    const key = this.#state.keyOf(issuer, tokenId);
    if (this.#state.consumedClaimsTokens.has(key)) return false;
    this.#state.consumedClaimsTokens.set(key, expiresAt);
    return true;
  }

  async isActive(issuer: Issuer, tokenId: TokenId, now: number): Promise<boolean> {
    const grant = this.#state.tokens.get(this.#state.keyOf(issuer, tokenId));
    return grant !== undefined && grant.expiresAt > now && this.#state.stands(grant);
  }

  async revoke(issuer: Issuer, tokenId: TokenId, now: number): Promise<boolean> {
    const key = this.#state.keyOf(issuer, tokenId);
    const grant = this.#state.tokens.get(key);
    if (grant === undefined || grant.expiresAt <= now || this.#state.revokedTokens.has(key)) return false;
    this.#state.revokedTokens.add(key);
    this.#state.note('token_revoked', { issuer, jti: tokenId });
    return true;
  }

  #recordCompanions(grant: GrantRecord, { persistedClaims, refreshToken, supersedes }: GrantCompanions): void {
    const { persistedClaims: persisted, refreshTokens, revokedTokens } = this.#state;
    if (supersedes !== undefined) revokedTokens.add(this.#state.keyOf(grant.issuer, supersedes));
    if (persistedClaims !== undefined) {
      const isPrevious = (other: PersistedClaims): boolean =>
        other.clientId === grant.clientId && other.identity.email === grant.requestingParty && other.thumbprint === persistedClaims.thumbprint;
      for (const [hash, other] of persisted) if (isPrevious(other)) persisted.delete(hash);
      persisted.set(persistedClaims.tokenHash, structuredClone(persistedClaims));
    }
    if (refreshToken !== undefined) refreshTokens.set(refreshToken.id, { grant: structuredClone(refreshToken), expiresAt: refreshToken.expiresAt, usedHashes: [] });
  }
}
