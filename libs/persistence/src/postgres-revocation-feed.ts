import type { ClientId, RevocationFeed, RevocationPage, TokenId } from '@uma-federation/uma-core';
import type { Database } from './database.ts';

interface RevokedRow {
  readonly token_id: number;
  readonly jti: TokenId;
  readonly expires_at: number;
}

const PAGE_SIZE = 2000;
/** A withdrawal may become visible this much later than its time says: more than a statement may take. */
const LOOK_BACK_MS = 10_000;

/** The revocation feed from the withdrawn shares and the RPTs that were revoked by themselves. Times are the database's own, so replicas of the service need not agree. */
export class PostgresRevocationFeed implements RevocationFeed {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async read(resourceServer: ClientId, cursor: string | undefined, now: number, owner?: string): Promise<RevocationPage> {
    const { sinceMs, afterId } = readCursor(cursor);
    // The clock is read before the rows: what commits in between is told by the next page, which looks back.
    const [clock] = await this.#database.run((sql) => sql<{ ms: number }[]>`select (extract(epoch from clock_timestamp()) * 1000)::bigint as ms`);
    const rows = await this.#database.run(
      (sql) => sql<RevokedRow[]>`
        with ended as (
          select link.token_id as id
          from as_ro.share_withdrawal as withdrawal
          join as_ro.requesting_party_token_share as link on link.share_id = withdrawal.share_id
          where withdrawal.withdrawn_at >= to_timestamp(${(sinceMs - LOOK_BACK_MS) / 1000}::double precision)
          union
          select id from as_ro.requesting_party_token
          where revocation_recorded_at >= to_timestamp(${(sinceMs - LOOK_BACK_MS) / 1000}::double precision)
        )
        select token.id as token_id, token.jti, token.expires_at
        from ended join as_ro.requesting_party_token as token using (id)
        where token.resource_server = ${resourceServer} and token.expires_at > ${now} and token.id > ${afterId}
          and token.owner = coalesce(${owner ?? null}::text, token.owner)
        order by token.id
        limit ${PAGE_SIZE}`,
    );
    const last = rows.length === PAGE_SIZE ? rows.at(-1) : undefined;
    return {
      revoked: rows.map(({ jti, expires_at }) => ({ tokenId: jti, expiresAt: expires_at })),
      cursor: last === undefined ? `${clock?.ms ?? 0}.0` : `${sinceMs}.${last.token_id}`,
      more: last !== undefined,
    };
  }
}

/** `milliseconds.token id`; anything else reads from the beginning. */
function readCursor(cursor: string | undefined): { readonly sinceMs: number; readonly afterId: number } {
  const [, sinceMs, afterId] = /^([0-9]{1,15})\.([0-9]{1,15})$/.exec(cursor ?? '') ?? [];
  return { sinceMs: Number(sinceMs ?? 0), afterId: Number(afterId ?? 0) };
}
