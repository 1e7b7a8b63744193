import type { ClientId, ConsentId, ProtectionRefreshToken, ProtectionRefreshTokens } from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';

type Presented = Parameters<ProtectionRefreshTokens['rotate']>[0];
type Next = Parameters<ProtectionRefreshTokens['rotate']>[1];

/** Refresh tokens of persons' PATs in PostgreSQL. */
export class PostgresProtectionRefreshTokens implements ProtectionRefreshTokens {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async keep({ hash, resourceServer, consent, expiresAt }: ProtectionRefreshToken): Promise<void> {
    await this.#database.run(
      (sql) => sql`
        insert into as_ro.protection_refresh_token (hash, line, resource_server, consent_id, expires_at)
        values (${hash}, ${hash}, ${resourceServer}, ${consent}, ${expiresAt})`,
    );
  }

  async rotate(presented: Presented, next: Next): Promise<{ readonly owner: string; readonly consent: ConsentId } | 'reused' | undefined> {
    const [row] = await this.#database.run((sql) => rotate(sql, presented, next));
    if (row !== undefined) return { owner: row.owner, consent: row.consent_id };
    const ended = await this.#database.run((sql) => endLine(sql, sql`hash = ${presented.hash} and resource_server = ${presented.resourceServer} and used_at is not null`));
    return ended.length > 0 ? 'reused' : undefined;
  }

  async revoke(hash: string, resourceServer: ClientId): Promise<'revoked' | 'another_client' | 'unknown'> {
    const [row] = await this.#database.run(
      (sql) => sql<{ resource_server: ClientId }[]>`select resource_server from as_ro.protection_refresh_token where hash = ${hash}`,
    );
    if (row === undefined) return 'unknown';
    if (row.resource_server !== resourceServer) return 'another_client';
    const ended = await this.#database.run((sql) => endLine(sql, sql`hash = ${hash} and resource_server = ${resourceServer}`));
    return ended.length > 0 ? 'revoked' : 'unknown';
  }
}

/** The row lock lets one of several callers through; the others find the token used. */
function rotate(sql: Sql, { hash, resourceServer, now }: Presented, next: Next) {
  return sql<{ owner: string; consent_id: ConsentId }[]>`
    with used as (
      update as_ro.protection_refresh_token as token set used_at = ${now}
      from as_ro.resource_server_consent as consent
      where token.hash = ${hash} and token.resource_server = ${resourceServer} and token.used_at is null and token.expires_at > ${now}
        and consent.id = token.consent_id and consent.resource_server = token.resource_server and consent.ended_at is null
      returning token.line, token.resource_server, token.consent_id, consent.owner
    ),
    following as (
      insert into as_ro.protection_refresh_token (hash, line, resource_server, consent_id, expires_at)
      select ${next.hash}, line, resource_server, consent_id, ${next.expiresAt}::bigint from used
    ),
    noted as (
      update as_ro.resource_server_consent as consent set last_used_at = greatest(consent.last_used_at, ${now}::bigint)
      from used where consent.id = used.consent_id
    )
    select owner, consent_id from used`;
}

/** Ends the line of the token that the condition finds. */
function endLine(sql: Sql, which: ReturnType<Sql>) {
  return sql<{ ended: boolean }[]>`
    delete from as_ro.protection_refresh_token
    where line in (select line from as_ro.protection_refresh_token where ${which})
    returning true as ended`;
}
