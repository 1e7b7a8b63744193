import { invalidGrant, type ConsumedClaimsToken, type GrantLedger, type GrantRecord, type Issuer, type TokenId } from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';
import { violates } from './store-failure.ts';

/**
 * Grants in PostgreSQL. `record` is one statement, so all or nothing, and each part of it depends on the one before:
 * the shares are locked (a concurrent removal either waits until the grant is committed, or is waited for and makes the share missing),
 * then the claims token is consumed, where the unique key decides between concurrent grants, then the rest is written.
 */
export class PostgresGrantLedger implements GrantLedger {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws besides what the port says: ProtocolError `invalid_grant` when the ticket already has its RPT */
  async record(grant: GrantRecord, claimsToken?: ConsumedClaimsToken): Promise<'recorded' | 'claims_token_used' | 'share_withdrawn'> {
    try {
      const [outcome] = await this.#database.run((sql) => insertGrant(sql, grant, claimsToken));
      if (outcome?.granted === true) return 'recorded';
      return outcome?.complete === true ? 'claims_token_used' : 'share_withdrawn';
    } catch (error) {
      if (violates(error, 'requesting_party_token_per_ticket')) throw invalidGrant('ticket_already_granted');
      throw error;
    }
  }

  async consumeClaimsToken(claimsToken: ConsumedClaimsToken): Promise<boolean> {
    const rows = await this.#database.run((sql) => sql<{ consumed: boolean }[]>`${insertClaimsToken(sql, claimsToken)}`);
    return rows.length === 1;
  }

  async isActive(issuer: Issuer, tokenId: TokenId, now: number): Promise<boolean> {
    const rows = await this.#database.run(
      (sql) => sql<{ active: boolean }[]>`
        select true as active from as_ro.requesting_party_token as token
        where issuer = ${issuer} and jti = ${tokenId} and expires_at > ${now} and revoked_at is null
          and not exists (
            select from as_ro.requesting_party_token_share as link
            where link.token_id = token.id and not exists (select from as_ro.share where share.id = link.share_id)
          )`,
    );
    return rows.length === 1;
  }
}

function insertClaimsToken(sql: Sql, { issuer, tokenId, expiresAt }: ConsumedClaimsToken, condition = sql`true`) {
  return sql`
    insert into as_ro.consumed_claims_token (issuer, jti, expires_at)
    select ${issuer}, ${tokenId}, ${expiresAt}::bigint where ${condition}
    on conflict do nothing
    returning true as consumed`;
}

function insertGrant(sql: Sql, grant: GrantRecord, claimsToken: ConsumedClaimsToken | undefined) {
  const shares = [...new Set(grant.shares)];
  const complete = sql`(select count(*) from held) = ${shares.length}::bigint`;
  return sql<{ granted: boolean; complete: boolean }[]>`
    with held as (
      select id from as_ro.share where id = any(${shares}::text[]) order by id for key share
    ),
    consumed as (${claimsToken === undefined ? sql`select true where ${complete}` : insertClaimsToken(sql, claimsToken, complete)}),
    granted as (
      insert into as_ro.requesting_party_token
        (issuer, jti, ticket_jti, client_id, resource_server, owner, requesting_party, permissions, issued_at, expires_at)
      select ${grant.issuer}, ${grant.tokenId}, ${grant.ticketId}, ${grant.clientId}, ${grant.resourceServer}, ${grant.owner},
        ${grant.requestingParty}, ${sql.json(grant.permissions as never)}, ${grant.issuedAt}::bigint, ${grant.expiresAt}::bigint
      from consumed
      returning *
    ),
    linked as (
      insert into as_ro.requesting_party_token_share (token_id, share_id) select granted.id, held.id from granted, held
    ),
    audited as (
      insert into as_ro.audit (event, data)
      select 'token_granted', to_jsonb(granted) - array['id', 'revoked_at'] || jsonb_build_object('shares', to_jsonb(${shares}::text[]))
      from granted
    )
    select exists (select from granted) as granted, ${complete} as complete`;
}
