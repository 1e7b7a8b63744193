import type { ClientId, Issuer, Permission, RefreshableGrant, RefreshTokenStore, ShareId } from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';

interface Row {
  readonly id: string;
  readonly token_hash: string;
  readonly client_id: ClientId;
  readonly thumbprint: string | null;
  readonly resource_server: ClientId;
  readonly owner: string;
  readonly requesting_party: string;
  readonly issuer: Issuer | null;
  readonly permissions: readonly Permission[];
  readonly shares: readonly ShareId[];
  readonly acr: string | null;
  readonly auth_time: number | null;
  readonly expires_at: number;
}

/** Refresh tokens in PostgreSQL; `PostgresGrantLedger.record` writes the first of each grant. */
export class PostgresRefreshTokenStore implements RefreshTokenStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(tokenHash: string, clientId: ClientId, now: number): Promise<RefreshableGrant | undefined> {
    const [row] = await this.#database.run(
      (sql) => sql<Row[]>`select ${columns(sql)} from as_ro.refresh_token where token_hash = ${tokenHash} and client_id = ${clientId} and expires_at > ${now}`,
    );
    return row && toGrant(row);
  }

  async rotate(use: Parameters<RefreshTokenStore['rotate']>[0]): Promise<RefreshableGrant | undefined> {
    const [row] = await this.#database.run(
      (sql) => sql<Row[]>`
        with rotated as (
          update as_ro.refresh_token as token set token_hash = ${use.nextTokenHash}
          where token_hash = ${use.tokenHash} and client_id = ${use.clientId} and expires_at > ${use.now}
            and (thumbprint is null or thumbprint = ${use.thumbprint ?? null})
            and not exists (
              select from unnest(token.shares) as rests_on (id) where not exists (select from as_ro.share where share.id = rests_on.id)
            )
          returning ${columns(sql)}
        ),
        used as (
          insert into as_ro.used_refresh_token (token_hash, refresh_id) select ${use.tokenHash}, id from rotated
        )
        select * from rotated`,
    );
    if (row !== undefined) return toGrant(row);
    await this.#database.run((sql) => endGrants(sql, usedUp(sql, use.tokenHash, use.clientId)));
    return undefined;
  }

  async revoke(tokenHash: string, clientId: ClientId): Promise<'revoked' | 'another_client' | 'unknown'> {
    const ended = await this.#database.run((sql) => endGrants(sql, sql`token_hash = ${tokenHash} and client_id = ${clientId}`));
    if (ended.length > 0) return 'revoked';
    // A use that this statement had to wait for has put the next token in its place: what it stands for ends all the same.
    const used = await this.#database.run((sql) => endGrants(sql, usedUp(sql, tokenHash, clientId)));
    if (used.length > 0) return 'revoked';
    const rows = await this.#database.run(
      (sql) => sql<{ id: string }[]>`
        select id from as_ro.refresh_token where token_hash = ${tokenHash}
        union all
        select refresh_id from as_ro.used_refresh_token where token_hash = ${tokenHash}`,
    );
    return rows.length > 0 ? 'another_client' : 'unknown';
  }
}

function columns(sql: Sql) {
  return sql`id, token_hash, client_id, thumbprint, resource_server, owner, requesting_party, issuer, permissions, shares, acr, auth_time, expires_at`;
}

/** The grant, if any, whose token this was once. */
function usedUp(sql: Sql, tokenHash: string, clientId: ClientId): ReturnType<Sql> {
  return sql`id = (select refresh_id from as_ro.used_refresh_token where token_hash = ${tokenHash}) and client_id = ${clientId}`;
}

/** Ends grants, and by a trigger the RPTs that came of them. */
function endGrants(sql: Sql, which: ReturnType<Sql>) {
  return sql<{ id: string }[]>`
    with ended as (
      delete from as_ro.refresh_token where ${which} returning id, client_id
    ),
    audited as (
      insert into as_ro.audit (event, data) select 'refresh_token_revoked', to_jsonb(ended) from ended
    )
    select id from ended`;
}

function toGrant(row: Row): RefreshableGrant {
  return {
    id: row.id,
    tokenHash: row.token_hash,
    clientId: row.client_id,
    ...(row.thumbprint === null ? {} : { thumbprint: row.thumbprint }),
    resourceServer: row.resource_server,
    owner: row.owner,
    requestingParty: row.requesting_party,
    ...(row.issuer === null ? {} : { issuer: row.issuer }),
    permissions: row.permissions,
    shares: row.shares,
    ...(row.acr === null ? {} : { acr: row.acr }),
    ...(row.auth_time === null ? {} : { authTime: row.auth_time }),
    expiresAt: row.expires_at,
  };
}
