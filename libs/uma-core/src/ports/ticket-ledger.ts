import type { Issuer, TokenId } from '../model/ids.ts';

/** Decides that a permission ticket is redeemed once (Decision D2; UMA Grant 3.3.3, 5.5). PostgreSQL has the last word. */
export interface TicketLedger {
  /**
   * Atomic and durable: true for exactly one of any number of concurrent or later callers with the same (issuer, jti).
   * Rows may be forgotten after `expiresAt` (NumericDate) plus clock skew.
   * @throws ProtocolError 503 when the store does not answer within its deadline
   */
  take(ticket: { issuer: Issuer; tokenId: TokenId; expiresAt: number }): Promise<boolean>;
}
