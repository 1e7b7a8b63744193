import type { Issuer, TicketLedger, TokenId } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** Redeemed tickets in memory: for development and tests; what it knows dies with the process. */
export class MemoryTicketLedger implements TicketLedger {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async take({ issuer, tokenId, expiresAt }: { issuer: Issuer; tokenId: TokenId; expiresAt: number }): Promise<boolean> {
    this.#state.tidy();
    const key = this.#state.keyOf(issuer, tokenId);
    if (this.#state.redeemedTickets.has(key)) return false;
    this.#state.redeemedTickets.set(key, expiresAt);
    return true;
  }
}
