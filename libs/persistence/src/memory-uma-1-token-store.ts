import { invalidGrant, type NewUma1Token, type Uma1Authorization, type Uma1AuthorizationOutcome, type Uma1TokenState, type Uma1TokenStore } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';
import { RETENTION_SECONDS } from './housekeeping.ts';

interface StoredToken extends NewUma1Token {
  readonly place: string;
  resourceServer?: Uma1TokenState['resourceServer'];
  readonly authorizations: Uma1Authorization[];
}

/** RPTs of UMA 1.0 in memory: for development and tests. */
export class MemoryUma1TokenStore implements Uma1TokenStore {
  readonly #state: MemoryAsRoState;
  readonly #tokens = new Map<string, StoredToken>();
  /** Tickets that have yielded permissions, by key; the value is the NumericDate until which that is remembered. */
  readonly #tickets = new Map<string, number>();

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async issue(token: NewUma1Token, previous: 'ended' | 'kept'): Promise<void> {
    const { tokenHash: _hash, ...holder } = token;
    this.#forget(token.issuedAt);
    const place = previous === 'ended' ? `aat ${token.aat}` : `token ${token.tokenHash}`;
    for (const other of this.#tokens.values()) if (other.place === place) this.#tokens.delete(other.tokenHash);
    this.#tokens.set(token.tokenHash, { ...token, place, authorizations: [] });
    this.#state.note('uma_1_token_issued', { ...holder });
  }

  async authorize(authorization: Uma1Authorization, now: number): Promise<Uma1AuthorizationOutcome> {
    const { tokenHash, aat, clientId, requestingParty, resourceServer, shares } = authorization;
    if (!shares.every((id) => this.#state.shares.has(id))) return 'share_withdrawn';
    const token = this.#live(tokenHash, now);
    if (token?.aat !== aat || token.clientId !== clientId || token.requestingParty !== requestingParty) return 'token_unknown';
    if ((token.resourceServer ?? resourceServer) !== resourceServer) return 'other_resource_server';
    const ticket = this.#state.keyOf(authorization.issuer, authorization.ticketId);
    if (this.#tickets.has(ticket)) throw invalidGrant('ticket_already_granted');
    const added = structuredClone({ ...authorization, expiresAt: Math.min(authorization.expiresAt, token.expiresAt) });
    this.#tickets.set(ticket, added.expiresAt);
    token.resourceServer = resourceServer;
    token.authorizations.push(added);
    const { tokenHash: _hash, ...noted } = added;
    this.#state.note('uma_1_token_authorized', { ...noted });
    return 'recorded';
  }

  async find(tokenHash: string, now: number): Promise<Uma1TokenState | undefined> {
    const token = this.#live(tokenHash, now);
    if (token === undefined) return undefined;
    const { place: _place, authorizations, resourceServer, ...rest } = token;
    const holding = authorizations.filter(({ expiresAt, shares }) => expiresAt > now && shares.every((id) => this.#state.shares.has(id)));
    const permissions = holding.flatMap((added) => added.permissions.map((permission) => ({ ...permission, issuedAt: added.issuedAt, expiresAt: added.expiresAt })));
    return structuredClone({ ...rest, resourceServer, permissions });
  }

  #live(tokenHash: string, now: number): StoredToken | undefined {
    const token = this.#tokens.get(tokenHash);
    return token !== undefined && token.expiresAt > now ? token : undefined;
  }

  #forget(now: number): void {
    for (const [hash, { expiresAt }] of this.#tokens) if (expiresAt < now - RETENTION_SECONDS) this.#tokens.delete(hash);
    for (const [ticket, expiresAt] of this.#tickets) if (expiresAt < now - RETENTION_SECONDS) this.#tickets.delete(ticket);
  }
}
