import type { Grantee, ResourceId, Share, ShareConditions, ShareId, ShareStore } from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';
import { StatementBatches } from './statement-batches.ts';
import { violates } from './store-failure.ts';

interface ShareRow {
  readonly id: ShareId;
  readonly owner: string;
  readonly resource_id: ResourceId;
  readonly scopes: string[];
  readonly grantee_kind: Grantee['kind'];
  readonly grantee_value: string | null;
  readonly not_before: number | null;
  readonly expires_at: number | null;
  readonly conditions: ShareConditions;
  readonly created_at: number;
}

/** Shares in PostgreSQL. Removing one revokes its RPTs: they are active only while it exists (`PostgresGrantLedger.isActive`). */
export class PostgresShareStore implements ShareStore {
  readonly #database: Database;
  readonly #ofResources: StatementBatches<readonly ResourceId[], readonly Share[]>;

  constructor(database: Database) {
    this.#database = database;
    this.#ofResources = new StatementBatches((lists) => findLists(database, lists));
  }

  async create(share: Share): Promise<boolean> {
    try {
      return (await this.#database.run((sql) => insertShare(sql, share))).length === 1;
    } catch (error) {
      // The resource was removed, or given to another owner, while the statement ran.
      if (violates(error, 'share_of_own_resource')) return false;
      throw error;
    }
  }

  findByResources(resourceIds: readonly ResourceId[]): Promise<readonly Share[]> {
    return this.#ofResources.run(resourceIds);
  }

  async listByOwner(owner: string): Promise<readonly Share[]> {
    const rows = await this.#database.run((sql) => sql<ShareRow[]>`select ${columns(sql)} from as_ro.share where owner = ${owner} order by sequence`);
    return rows.map(toShare);
  }

  async remove(id: ShareId, owner: string): Promise<boolean> {
    const rows = await this.#database.run((sql) => sql<{ id: string }[]>`delete from as_ro.share where id = ${id} and owner = ${owner} returning id`);
    return rows.length === 1;
  }
}

async function findLists(database: Database, lists: readonly (readonly ResourceId[])[]): Promise<readonly (readonly Share[])[]> {
  const ids = [...new Set(lists.flat())];
  const rows = await database.run((sql) => sql<ShareRow[]>`select ${columns(sql)} from as_ro.share where resource_id = any(${ids}) order by sequence`);
  const shares = rows.map(toShare);
  return lists.map((list) => shares.filter(({ resourceId }) => list.includes(resourceId)));
}

function columns(sql: Sql) {
  return sql`id, owner, resource_id, scopes, grantee_kind, grantee_value, not_before, expires_at, conditions, created_at`;
}

function insertShare(sql: Sql, share: Share) {
  const { id, owner, resourceId, scopes, grantee, notBefore, expiresAt, conditions, createdAt } = share;
  return sql<{ id: string }[]>`
    with created as (
      insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, grantee_value, not_before, expires_at, conditions, created_at)
      select ${id}, resource.owner, resource.id, ${scopes as string[]}::text[], ${grantee.kind}, ${granteeValue(grantee)}::text,
        ${notBefore ?? null}::bigint, ${expiresAt ?? null}::bigint, ${sql.json(conditions as never)}, ${createdAt}::bigint
      from as_ro.resource
      where resource.id = ${resourceId} and resource.owner = ${owner} and resource.scopes @> ${scopes as string[]}::text[]
      returning *
    ),
    audited as (
      insert into as_ro.audit (event, data)
      select 'share_created', jsonb_build_object('share', id, 'resource', resource_id) || to_jsonb(created) - array['id', 'resource_id', 'sequence']
      from created
    )
    select id from created`;
}

/** What `grantee_value` holds for each kind. */
export function granteeValue(grantee: Grantee): string | null {
  if (grantee.kind === 'person') return grantee.email;
  return grantee.kind === 'domain' ? grantee.domain : null;
}

function toShare(row: ShareRow): Share {
  return {
    id: row.id,
    owner: row.owner,
    resourceId: row.resource_id,
    scopes: row.scopes,
    grantee: toGrantee(row),
    ...(row.not_before === null ? {} : { notBefore: row.not_before }),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    conditions: row.conditions,
    createdAt: row.created_at,
  };
}

function toGrantee({ grantee_kind: kind, grantee_value: value }: ShareRow): Grantee {
  if (kind === 'anyone' || kind === 'unidentified') return { kind };
  // `check share_grantee`: a person and a domain have a value.
  return kind === 'person' ? { kind, email: value ?? '' } : { kind, domain: value ?? '' };
}
