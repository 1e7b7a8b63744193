import type { ClientId, ConsentId, ResourceServerConsent, ResourceServerConsents } from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';

interface ConsentRow {
  readonly id: ConsentId;
  readonly owner: string;
  readonly resource_server: ClientId;
  readonly since: number;
  readonly last_used_at: number | null;
  readonly ended_at: number | null;
}

/** Consents in PostgreSQL. Triggers put what happens to them on the record. */
export class PostgresResourceServerConsents implements ResourceServerConsents {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async use({ owner, resourceServer, fresh, now }: Parameters<ResourceServerConsents['use']>[0]): Promise<ConsentId | undefined> {
    const [row] = await this.#database.run(
      (sql) => sql<{ id: ConsentId }[]>`
        insert into as_ro.resource_server_consent as consent (owner, resource_server, id, since, last_used_at)
        values (${owner}, ${resourceServer}, ${fresh}, ${now}, ${now})
        on conflict (owner, resource_server) do update set last_used_at = greatest(consent.last_used_at, excluded.last_used_at)
        where consent.ended_at is null
        returning id`,
    );
    return row?.id;
  }

  async holds({ id, owner, resourceServer }: Parameters<ResourceServerConsents['holds']>[0]): Promise<boolean> {
    const rows = await this.#database.run(
      (sql) => sql<{ holds: boolean }[]>`
        select true as holds from as_ro.resource_server_consent
        where owner = ${owner} and resource_server = ${resourceServer} and id = ${id} and ended_at is null`,
    );
    return rows.length === 1;
  }

  async listByOwner(owner: string): Promise<readonly ResourceServerConsent[]> {
    const rows = await this.#database.run(
      (sql) => sql<ConsentRow[]>`select ${columns(sql)} from as_ro.resource_server_consent where owner = ${owner} order by sequence`,
    );
    return rows.map(toConsent);
  }

  async end(owner: string, resourceServer: ClientId, now: number): Promise<boolean> {
    const rows = await this.#database.run(
      (sql) => sql<{ id: string }[]>`
        with consent as (
          update as_ro.resource_server_consent set ended_at = coalesce(ended_at, ${now}::bigint)
          where owner = ${owner} and resource_server = ${resourceServer}
          returning id
        ),
        refresh_token as (
          delete from as_ro.protection_refresh_token using consent where consent_id = consent.id
        )
        select id from consent`,
    );
    return rows.length === 1;
  }

  async allow(owner: string, resourceServer: ClientId, fresh: ConsentId, now: number): Promise<ResourceServerConsent | undefined> {
    const [row] = await this.#database.run(
      (sql) => sql<ConsentRow[]>`
        update as_ro.resource_server_consent
        set id = case when ended_at is null then id else ${fresh} end, since = case when ended_at is null then since else ${now}::bigint end,
          last_used_at = case when ended_at is null then last_used_at end, ended_at = null
        where owner = ${owner} and resource_server = ${resourceServer}
        returning ${columns(sql)}`,
    );
    return row === undefined ? undefined : toConsent(row);
  }
}

function columns(sql: Sql) {
  return sql`id, owner, resource_server, since, last_used_at, ended_at`;
}

function toConsent(row: ConsentRow): ResourceServerConsent {
  return {
    id: row.id,
    owner: row.owner,
    resourceServer: row.resource_server,
    since: row.since,
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at }),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
  };
}
