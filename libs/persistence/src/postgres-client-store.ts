import type { ClientId, ClientMetadata, ClientStore, RegisteredClient } from '@uma-federation/uma-core';
import type { Database } from './database.ts';

interface ClientRow {
  readonly id: ClientId;
  readonly metadata: ClientMetadata;
  readonly secret_hash: string | null;
  readonly registration_token_hash: string;
  readonly issued_at: number;
}

/** Clients that registered themselves, in PostgreSQL. */
export class PostgresClientStore implements ClientStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async create({ clientId, metadata, secretHash, registrationTokenHash, issuedAt }: RegisteredClient, limit: number): Promise<boolean> {
    const rows = await this.#database.run(
      (sql) => sql<{ id: string }[]>`
        with created as (
          insert into as_ro.client (id, metadata, secret_hash, registration_token_hash, issued_at)
          select ${clientId}, ${sql.json(metadata as never)}::jsonb, ${secretHash ?? null}::text, ${registrationTokenHash}, ${issuedAt}::bigint
          where (select count(*) from as_ro.client) < ${limit}
          returning id
        ),
        audited as (
          insert into as_ro.audit (event, data) select 'client_registered', jsonb_build_object('client_id', id) from created
        )
        select id from created`,
    );
    return rows.length === 1;
  }

  async find(clientId: string): Promise<RegisteredClient | undefined> {
    const [row] = await this.#database.run(
      (sql) => sql<ClientRow[]>`select id, metadata, secret_hash, registration_token_hash, issued_at from as_ro.client where id = ${clientId}`,
    );
    return row === undefined ? undefined : toClient(row);
  }

  async replace({ clientId, metadata, secretHash }: Pick<RegisteredClient, 'clientId' | 'metadata' | 'secretHash'>): Promise<boolean> {
    const rows = await this.#database.run(
      (sql) => sql<{ id: string }[]>`
        with replaced as (
          update as_ro.client set metadata = ${sql.json(metadata as never)}, secret_hash = ${secretHash ?? null} where id = ${clientId} returning id
        ),
        audited as (
          insert into as_ro.audit (event, data) select 'client_replaced', jsonb_build_object('client_id', id) from replaced
        )
        select id from replaced`,
    );
    return rows.length === 1;
  }

  async remove(clientId: string, now: number): Promise<boolean> {
    const rows = await this.#database.run(
      (sql) => sql<{ id: string }[]>`
        with removed as (
          delete from as_ro.client where id = ${clientId} returning id
        ),
        revoked as (
          update as_ro.requesting_party_token as token set revoked_at = ${now}, revocation_recorded_at = clock_timestamp()
          from removed where token.client_id = removed.id and token.expires_at > ${now} and token.revoked_at is null
        ),
        forgotten as (
          delete from as_ro.persisted_claims using removed where client_id = removed.id
        ),
        ended as (
          delete from as_ro.refresh_token using removed where client_id = removed.id
        ),
        audited as (
          insert into as_ro.audit (event, data) select 'client_removed', jsonb_build_object('client_id', id) from removed
        )
        select id from removed`,
    );
    return rows.length === 1;
  }
}

function toClient(row: ClientRow): RegisteredClient {
  return {
    clientId: row.id,
    metadata: row.metadata,
    ...(row.secret_hash === null ? {} : { secretHash: row.secret_hash }),
    registrationTokenHash: row.registration_token_hash,
    issuedAt: row.issued_at,
  };
}
