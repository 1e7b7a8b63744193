import type { AskedPermission, AuthorizationRequest, AuthorizationRequestStore, ClientId, Issuer, RequestId, RequestStatus, Share } from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';
import { requestFingerprint } from './request-fingerprint.ts';
import { granteeValue } from './postgres-share-store.ts';
import { violates } from './store-failure.ts';

interface Row {
  readonly id: RequestId;
  readonly owner: string;
  readonly resource_server: ClientId;
  readonly client_id: ClientId;
  readonly requesting_party: string;
  readonly issuer: Issuer;
  readonly permissions: readonly AskedPermission[];
  readonly status: RequestStatus;
  readonly created_at: number;
  readonly expires_at: number;
}

/** Requests to owners in PostgreSQL. The unique index on the fingerprint makes equal requests one. */
export class PostgresAuthorizationRequestStore implements AuthorizationRequestStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async submit(request: AuthorizationRequest, limit: number): Promise<{ readonly id: RequestId; readonly status: RequestStatus } | undefined> {
    const fingerprint = requestFingerprint(request);
    for (;;) {
      const [row] = await this.#database.run((sql) => insertRequest(sql, request, fingerprint, limit));
      if (row !== undefined) return row;
      // The one that stood in the way; when it was approved in between, there is room again.
      const [standing] = await this.#database.run(
        (sql) => sql<{ id: RequestId; status: RequestStatus }[]>`
          select id, status from as_ro.authorization_request where fingerprint = ${fingerprint} and status <> 'approved'`,
      );
      if (standing !== undefined) return standing;
      const [{ room } = { room: false }] = await this.#database.run((sql) => sql<{ room: boolean }[]>`select ${hasRoom(sql, request, limit)} as room`);
      if (!room) return undefined;
    }
  }

  async find(id: RequestId, now: number): Promise<AuthorizationRequest | undefined> {
    const [row] = await this.#database.run((sql) => sql<Row[]>`select ${columns(sql)} from as_ro.authorization_request where id = ${id} and expires_at > ${now}`);
    return row && toRequest(row);
  }

  async listByOwner(owner: string, now: number): Promise<readonly AuthorizationRequest[]> {
    const rows = await this.#database.run(
      (sql) => sql<Row[]>`select ${columns(sql)} from as_ro.authorization_request where owner = ${owner} and expires_at > ${now} order by sequence desc`,
    );
    return rows.map(toRequest);
  }

  async approve(id: RequestId, owner: string, shares: readonly Share[], now: number): Promise<boolean> {
    if (shares.some((share) => share.owner !== owner)) return false;
    try {
      return (await this.#database.run((sql) => approveRequest(sql, { id, owner, shares, now }))).length === 1;
    } catch (error) {
      // A resource went while the statement ran: nothing of it was written.
      if (violates(error, 'share_of_own_resource')) return false;
      throw error;
    }
  }

  async deny(id: RequestId, owner: string, now: number): Promise<boolean> {
    const rows = await this.#database.run(
      (sql) => sql<{ id: string }[]>`
        with decided as (
          update as_ro.authorization_request set status = 'denied'
          where id = ${id} and owner = ${owner} and status = 'pending' and expires_at > ${now}
          returning id, owner
        ),
        audited as (
          insert into as_ro.audit (event, data) select 'authorization_request_denied', jsonb_build_object('request', id, 'owner', owner) from decided
        )
        select id from decided`,
    );
    return rows.length === 1;
  }
}

/** Whether fewer than `limit` requests of people of the same issuer wait for the owner. */
function hasRoom(sql: Sql, { owner, issuer, createdAt }: AuthorizationRequest, limit: number) {
  return sql`(
    select count(*) < ${limit} from as_ro.authorization_request
    where owner = ${owner} and issuer = ${issuer} and status = 'pending' and expires_at > ${createdAt}
  )`;
}

function insertRequest(sql: Sql, request: AuthorizationRequest, fingerprint: string, limit: number) {
  const { id, owner, resourceServer, clientId, requestingParty, issuer, permissions, status, createdAt, expiresAt } = request;
  return sql<{ id: RequestId; status: RequestStatus }[]>`
    with submitted as (
      insert into as_ro.authorization_request as standing
        (id, owner, resource_server, client_id, requesting_party, issuer, permissions, fingerprint, status, created_at, expires_at)
      select ${id}, ${owner}, ${resourceServer}, ${clientId}, ${requestingParty}, ${issuer}, ${sql.json(permissions as never)}::jsonb, ${fingerprint}, ${status},
        ${createdAt}::bigint, ${expiresAt}::bigint
      where ${hasRoom(sql, request, limit)}
      on conflict (fingerprint) where status <> 'approved' do update
        set id = excluded.id, issuer = excluded.issuer, permissions = excluded.permissions, status = excluded.status,
          created_at = excluded.created_at, expires_at = excluded.expires_at, sequence = default
        where standing.expires_at <= excluded.created_at
      returning id, status, owner, requesting_party, client_id
    ),
    audited as (
      insert into as_ro.audit (event, data)
      select 'authorization_requested', jsonb_build_object('request', id, 'owner', owner, 'requesting_party', requesting_party, 'client_id', client_id)
      from submitted
    )
    select id, status from submitted`;
}

/** Either every share is created and the request is approved, or nothing happens. */
function approveRequest(sql: Sql, { id, owner, shares, now }: { id: RequestId; owner: string; shares: readonly Share[]; now: number }) {
  const rows = shares.map((share) => ({
    id: share.id,
    resource_id: share.resourceId,
    scopes: share.scopes,
    grantee_kind: share.grantee.kind,
    grantee_value: granteeValue(share.grantee),
    not_before: share.notBefore,
    expires_at: share.expiresAt,
    conditions: share.conditions,
    created_at: share.createdAt,
  }));
  return sql<{ id: string }[]>`
    with wanted as (
      select * from jsonb_to_recordset(${sql.json(rows as never)}) as wanted (
        id text, resource_id text, scopes text[], grantee_kind text, grantee_value text, not_before bigint, expires_at bigint, conditions jsonb, created_at bigint
      )
    ),
    possible as (
      select wanted.* from wanted join as_ro.resource on resource.id = wanted.resource_id and resource.owner = ${owner} and resource.scopes @> wanted.scopes
    ),
    decided as (
      update as_ro.authorization_request set status = 'approved'
      where id = ${id} and owner = ${owner} and status = 'pending' and expires_at > ${now}
        and (select count(*) from possible) = ${rows.length}
      returning id, owner
    ),
    created as (
      insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, grantee_value, not_before, expires_at, conditions, created_at)
      select possible.id, decided.owner, resource_id, scopes, grantee_kind, grantee_value, not_before, expires_at, conditions, created_at
      from possible, decided
      returning *
    ),
    audited as (
      insert into as_ro.audit (event, data)
      select 'share_created', jsonb_build_object('share', id, 'resource', resource_id) || to_jsonb(created) - array['id', 'resource_id', 'sequence'] from created
      union all
      select 'authorization_request_approved', jsonb_build_object('request', id, 'owner', owner) from decided
    )
    select id from decided`;
}

function columns(sql: Sql) {
  return sql`id, owner, resource_server, client_id, requesting_party, issuer, permissions, status, created_at, expires_at`;
}

function toRequest(row: Row): AuthorizationRequest {
  return {
    id: row.id,
    owner: row.owner,
    resourceServer: row.resource_server,
    clientId: row.client_id,
    requestingParty: row.requesting_party,
    issuer: row.issuer,
    permissions: row.permissions,
    status: row.status,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
