import type { ClientId, IdentityClaims, PersistedClaims, PersistedClaimsStore } from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';

interface Row {
  readonly token_hash: string;
  readonly id: string;
  readonly client_id: ClientId;
  readonly thumbprint: string | null;
  readonly identity: IdentityClaims;
  readonly created_at: number;
  readonly expires_at: number;
}

/** Persisted claims in PostgreSQL; `PostgresGrantLedger.record` writes them. */
export class PostgresPersistedClaimsStore implements PersistedClaimsStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(tokenHash: string, now: number): Promise<PersistedClaims | undefined> {
    const [row] = await this.#database.run(
      (sql) => sql<Row[]>`select ${columns(sql)} from as_ro.persisted_claims where token_hash = ${tokenHash} and expires_at > ${now}`,
    );
    return row && toPersistedClaims(row);
  }

  async listByPerson(email: string, now: number): Promise<readonly PersistedClaims[]> {
    const rows = await this.#database.run(
      (sql) => sql<Row[]>`select ${columns(sql)} from as_ro.persisted_claims where email = ${email} and expires_at > ${now} order by created_at desc, id`,
    );
    return rows.map(toPersistedClaims);
  }

  async erase(email: string, id?: string): Promise<number> {
    const rows = await this.#database.run(
      (sql) => sql<{ id: string }[]>`
        with erased as (
          delete from as_ro.persisted_claims where email = ${email} and (${id ?? null}::text is null or id = ${id ?? null}) returning id, client_id
        ),
        audited as (
          insert into as_ro.audit (event, data) select 'persisted_claims_erased', to_jsonb(erased) from erased
        )
        select id from erased`,
    );
    return rows.length;
  }

  async revoke(tokenHash: string, clientId: ClientId): Promise<'revoked' | 'another_client' | 'unknown'> {
    const [row] = await this.#database.run(
      (sql) => sql<{ client_id: ClientId }[]>`
        with revoked as (
          delete from as_ro.persisted_claims where token_hash = ${tokenHash} and client_id = ${clientId} returning client_id
        )
        select client_id from revoked
        union
        select client_id from as_ro.persisted_claims where token_hash = ${tokenHash}`,
    );
    if (row === undefined) return 'unknown';
    return row.client_id === clientId ? 'revoked' : 'another_client';
  }
}

function columns(sql: Sql) {
  return sql`token_hash, id, client_id, thumbprint, identity, created_at, expires_at`;
}

function toPersistedClaims(row: Row): PersistedClaims {
  return {
    id: row.id,
    tokenHash: row.token_hash,
    clientId: row.client_id,
    ...(row.thumbprint === null ? {} : { thumbprint: row.thumbprint }),
    identity: row.identity,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
