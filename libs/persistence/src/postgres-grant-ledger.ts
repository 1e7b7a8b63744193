import { invalidGrant, type ConsumedClaimsToken, type GrantCompanions, type GrantLedger, type GrantRecord, type Issuer, type TokenId } from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';
import { StatementBatches } from './statement-batches.ts';
import { violates } from './store-failure.ts';

/**
 * Grants in PostgreSQL. `record` is one statement for all grants that are made at the same time, so all or nothing, and each part of it
 * depends on the one before: the shares, and the refresh token that the grant came of, are locked (a concurrent removal either waits until
 * the grant is committed, or is waited for and makes them missing), then the claims tokens are consumed, where the unique key decides
 * between concurrent grants (and `turn` between those of one statement), then the rest is written.
 */
export class PostgresGrantLedger implements GrantLedger {
  readonly #database: Database;
  readonly #batches: StatementBatches<Entry, Outcome>;

  constructor(database: Database) {
    this.#database = database;
    this.#batches = new StatementBatches((entries) => recordAll(database, entries));
  }

  /** @throws besides what the port says: ProtocolError `invalid_grant` when the ticket already has its RPT */
  async record(grant: GrantRecord, claimsToken?: ConsumedClaimsToken, companions: GrantCompanions = {}): Promise<Outcome> {
    try {
      return await this.#batches.run({ grant, claimsToken, companions });
    } catch (error) {
      if (violates(error, 'requesting_party_token_per_ticket')) throw invalidGrant('ticket_already_granted');
      throw error;
    }
  }

  async consumeClaimsToken({ issuer, tokenId, expiresAt }: ConsumedClaimsToken): Promise<boolean> {
    const rows = await this.#database.run(
      (sql) => sql<{ consumed: boolean }[]>`
        insert into as_ro.consumed_claims_token (issuer, jti, expires_at) values (${issuer}, ${tokenId}, ${expiresAt})
        on conflict do nothing
        returning true as consumed`,
    );
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

  async revoke(issuer: Issuer, tokenId: TokenId, now: number): Promise<boolean> {
    const rows = await this.#database.run(
      (sql) => sql<{ revoked: boolean }[]>`
        with revoked as (
          update as_ro.requesting_party_token set revoked_at = ${now}, revocation_recorded_at = clock_timestamp()
          where issuer = ${issuer} and jti = ${tokenId} and expires_at > ${now} and revoked_at is null
          returning issuer, jti
        ),
        audited as (
          insert into as_ro.audit (event, data) select 'token_revoked', to_jsonb(revoked) from revoked
        )
        select true as revoked from revoked`,
    );
    return rows.length === 1;
  }
}

interface Entry {
  readonly grant: GrantRecord;
  readonly claimsToken: ConsumedClaimsToken | undefined;
  readonly companions: GrantCompanions;
}

type Outcome = Awaited<ReturnType<GrantLedger['record']>>;

async function recordAll(database: Database, entries: readonly Entry[]): Promise<readonly Outcome[]> {
  const rows = await database.run((sql) => insertGrants(sql, entries));
  const outcomes = new Map(rows.map(({ n, granted }) => [n, granted]));
  return entries.map((_entry, n) => {
    const granted = outcomes.get(n);
    if (granted === true) return 'recorded';
    return granted === false ? 'claims_token_used' : 'share_withdrawn';
  });
}

/** One row for each grant whose shares, and refresh token if it came of one, all exist, and whether it was recorded. */
function insertGrants(sql: Sql, entries: readonly Entry[]) {
  const shares = [...new Set(entries.flatMap(({ grant }) => grant.shares))];
  const refreshIds = [...new Set(entries.flatMap(({ grant }) => grant.refreshId ?? []))];
  return sql<{ n: number; granted: boolean }[]>`
    with asked as (
      select * from jsonb_to_recordset(${sql.json(entries.map(toAsked) as never)}) as asked (
        n int, issuer text, jti text, ticket_jti text, client_id text, resource_server text, owner text, requesting_party text,
        permissions jsonb, shares text[], issued_at bigint, expires_at bigint, claims_issuer text, claims_jti text, claims_expires_at bigint,
        refresh_id text, supersedes text, persisted jsonb, refresh jsonb
      )
    ),
    held as (
      select id from as_ro.share where id = any(${shares}::text[]) order by id for key share
    ),
    refreshed as (
      select id from as_ro.refresh_token where id = any(${refreshIds}::text[]) order by id for key share
    ),
    complete as (
      select asked.*, row_number() over (partition by claims_issuer, claims_jti order by n) as turn
      from asked where shares <@ array(select id from held) and (refresh_id is null or refresh is not null or refresh_id in (select id from refreshed))
    ),
    consumed as (
      insert into as_ro.consumed_claims_token (issuer, jti, expires_at)
      select claims_issuer, claims_jti, claims_expires_at from complete where claims_jti is not null and turn = 1
      order by claims_issuer, claims_jti
      on conflict do nothing
      returning issuer, jti
    ),
    allowed as (
      select complete.* from complete left join consumed on consumed.issuer = claims_issuer and consumed.jti = claims_jti
      where claims_jti is null or (turn = 1 and consumed.jti is not null)
    ),
    granted as (
      insert into as_ro.requesting_party_token
        (issuer, jti, ticket_jti, client_id, resource_server, owner, requesting_party, permissions, issued_at, expires_at, refresh_id)
      select issuer, jti, ticket_jti, client_id, resource_server, owner, requesting_party, permissions, issued_at, expires_at, refresh_id
      from allowed order by issuer, ticket_jti
      returning *
    ),
    linked as (
      insert into as_ro.requesting_party_token_share (token_id, share_id)
      select granted.id, share_id from granted join allowed using (issuer, jti), unnest(allowed.shares) as share_id
    ),
    ${companions(sql, entries)}
    audited as (
      insert into as_ro.audit (event, data)
      select 'token_granted', to_jsonb(granted) - array['id', 'revoked_at', 'revocation_recorded_at'] || jsonb_build_object('shares', to_jsonb(allowed.shares))
      from granted join allowed using (issuer, jti) order by n
    )
    select n, exists (select from granted where granted.issuer = complete.issuer and granted.jti = complete.jti) as granted from complete`;
}

/** What goes with the RPTs that `allowed` names; nothing of it happens when the grant does not. What no grant has is not part of the statement. */
function companions(sql: Sql, entries: readonly Entry[]) {
  const has = (name: keyof GrantCompanions): boolean => entries.some(({ companions: own }) => own[name] !== undefined);
  return sql`${has('supersedes') ? superseded(sql) : sql``} ${has('persistedClaims') ? persisted(sql) : sql``} ${has('refreshToken') ? refreshable(sql) : sql``}`;
}

/** Looked up one by one: a join would read the whole table, which grows with every grant. */
function superseded(sql: Sql) {
  return sql`
    superseded as (
      update as_ro.requesting_party_token set revoked_at = (select max(issued_at) from allowed), revocation_recorded_at = clock_timestamp()
      where id = any(array(
        select previous.id from allowed, lateral (
          select id from as_ro.requesting_party_token as token where token.issuer = allowed.issuer and token.jti = allowed.supersedes limit 1
        ) as previous
      )) and revoked_at is null
    ),`;
}

function persisted(sql: Sql) {
  return sql`
    persisted as (
      insert into as_ro.persisted_claims (token_hash, id, client_id, thumbprint, email, identity, created_at, expires_at)
      select distinct on (requesting_party, client_id, persisted ->> 'thumbprint')
        persisted ->> 'tokenHash', persisted ->> 'id', client_id, persisted ->> 'thumbprint', requesting_party, persisted -> 'identity',
        (persisted ->> 'createdAt')::bigint, (persisted ->> 'expiresAt')::bigint
      from allowed where persisted is not null
      order by requesting_party, client_id, persisted ->> 'thumbprint', n desc
      on conflict on constraint persisted_claims_once do update set token_hash = excluded.token_hash, id = excluded.id, identity = excluded.identity,
        created_at = excluded.created_at, expires_at = excluded.expires_at
    ),`;
}

function refreshable(sql: Sql) {
  return sql`
    refreshable as (
      insert into as_ro.refresh_token
        (id, token_hash, client_id, thumbprint, resource_server, owner, requesting_party, issuer, permissions, shares, acr, auth_time, expires_at)
      select refresh ->> 'id', refresh ->> 'tokenHash', client_id, refresh ->> 'thumbprint', resource_server, owner, requesting_party, refresh ->> 'issuer', permissions, shares,
        refresh ->> 'acr', (refresh ->> 'authTime')::bigint, (refresh ->> 'expiresAt')::bigint
      from allowed where refresh is not null
    ),`;
}

function toAsked({ grant, claimsToken, companions: { supersedes, persistedClaims, refreshToken } }: Entry, n: number) {
  return {
    n,
    issuer: grant.issuer,
    jti: grant.tokenId,
    ticket_jti: grant.ticketId,
    client_id: grant.clientId,
    resource_server: grant.resourceServer,
    owner: grant.owner,
    requesting_party: grant.requestingParty,
    permissions: grant.permissions,
    shares: [...new Set(grant.shares)],
    issued_at: grant.issuedAt,
    expires_at: grant.expiresAt,
    claims_issuer: claimsToken?.issuer,
    claims_jti: claimsToken?.tokenId,
    claims_expires_at: claimsToken?.expiresAt,
    refresh_id: grant.refreshId,
    supersedes,
    persisted: persistedClaims,
    refresh: refreshToken,
  };
}
