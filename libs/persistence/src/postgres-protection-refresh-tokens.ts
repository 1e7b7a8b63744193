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
    const [used] = await this.#database.run(
      (sql) => sql<{ line: string }[]>`
        select line from as_ro.protection_refresh_token
        where hash = ${presented.hash} and resource_server = ${presented.resourceServer} and used_at is not null`,
    );
    return used !== undefined && (await this.#endLine(used.line)) ? 'reused' : undefined;
  }

  async revoke(hash: string, resourceServer: ClientId): Promise<'revoked' | 'another_client' | 'unknown'> {
    const [row] = await this.#database.run(
      (sql) => sql<{ resource_server: ClientId; line: string }[]>`select resource_server, line from as_ro.protection_refresh_token where hash = ${hash}`,
    );
    if (row === undefined) return 'unknown';
    if (row.resource_server !== resourceServer) return 'another_client';
    return (await this.#endLine(row.line)) ? 'revoked' : 'unknown';
  }

  /** Ends a line: again until nothing is left, because a use that a statement had to wait for has added a token that the statement does not see. */
  async #endLine(line: string): Promise<boolean> {
    const end = () => this.#database.run((sql) => sql<{ ended: boolean }[]>`delete from as_ro.protection_refresh_token where line = ${line} returning true as ended`);
    const isEnded = (await end()).length > 0;
    while ((await end()).length > 0);
    return isEnded;
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
