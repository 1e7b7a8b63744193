import type { Issuer, TicketLedger, TokenId } from '@uma-federation/uma-core';
import type { Database } from './database.ts';
import { StatementBatches } from './statement-batches.ts';

interface Ticket {
  readonly issuer: Issuer;
  readonly tokenId: TokenId;
  readonly expiresAt: number;
}

/** Redeemed tickets in PostgreSQL: the unique key decides (Decision D2; A16). Tickets that are presented at the same time share a statement. */
export class PostgresTicketLedger implements TicketLedger {
  readonly #batches: StatementBatches<Ticket, boolean>;

  constructor(database: Database) {
    this.#batches = new StatementBatches((tickets) => takeAll(database, tickets));
  }

  take(ticket: Ticket): Promise<boolean> {
    return this.#batches.run(ticket);
  }
}

async function takeAll(database: Database, tickets: readonly Ticket[]): Promise<readonly boolean[]> {
  const column = <Name extends keyof Ticket>(name: Name): Ticket[Name][] => tickets.map((ticket) => ticket[name]);
  const rows = await database.run(
    // In one order, so that statements that have several tickets in common wait for each other and never in a circle.
    (sql) => sql<{ issuer: Issuer; jti: TokenId }[]>`
      insert into as_ro.redeemed_ticket (issuer, jti, expires_at)
      select issuer, jti, expires_at
      from unnest(${column('issuer')}::text[], ${column('tokenId')}::text[], ${column('expiresAt')}::bigint[]) as presented (issuer, jti, expires_at)
      order by issuer, jti
      on conflict do nothing
      returning issuer, jti`,
  );
  const taken = new Set(rows.map(({ issuer, jti }) => keyOf(issuer, jti)));
  // The row was written once: of two presentations in one statement, the first has it.
  return tickets.map(({ issuer, tokenId }) => taken.delete(keyOf(issuer, tokenId)));
}

function keyOf(issuer: Issuer, tokenId: TokenId): string {
  return JSON.stringify([issuer, tokenId]);
}
