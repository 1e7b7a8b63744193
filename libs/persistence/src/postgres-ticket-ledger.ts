import type { Issuer, TicketLedger, TokenId } from '@uma-federation/uma-core';
import type { Database } from './database.ts';

/** Redeemed tickets in PostgreSQL: the unique key decides (Decision D2; A16). */
export class PostgresTicketLedger implements TicketLedger {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async take(ticket: { issuer: Issuer; tokenId: TokenId; expiresAt: number }): Promise<boolean> {
    const rows = await this.#database.run(
      (sql) => sql<{ taken: boolean }[]>`
        insert into as_ro.redeemed_ticket (issuer, jti, expires_at)
        values (${ticket.issuer}, ${ticket.tokenId}, ${ticket.expiresAt})
        on conflict do nothing
        returning true as taken`,
    );
    return rows.length === 1;
  }
}
