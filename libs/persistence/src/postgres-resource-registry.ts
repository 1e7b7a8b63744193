import type { ClientId, Resource, ResourceId, ResourceRegistry } from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';
import { resourceColumns, toResource, type ResourceRow } from './resource-row.ts';
import { StatementBatches } from './statement-batches.ts';
import { violates } from './store-failure.ts';

const REPLACE_ATTEMPTS = 5;

/** Resources in PostgreSQL. Shares go with their resource by foreign key; the RPTs that rest on them are active only while they exist. */
export class PostgresResourceRegistry implements ResourceRegistry {
  readonly #database: Database;
  readonly #lists: StatementBatches<readonly ResourceId[], readonly Resource[]>;

  constructor(database: Database) {
    this.#database = database;
    this.#lists = new StatementBatches((lists) => findLists(database, lists));
  }

  async create(resource: Resource): Promise<void> {
    const { id, resourceServer, owner, scopes, name, description, iconUri, type, uri, localized } = resource;
    await this.#database.run(
      (sql) => sql`
        insert into as_ro.resource (id, resource_server, owner, scopes, name, description, icon_uri, type, uri, localized)
        values (${id}, ${resourceServer}, ${owner}, ${scopes as string[]}, ${name ?? null}, ${description ?? null}, ${iconUri ?? null},
          ${type ?? null}, ${uri ?? null}, ${sql.json(localized as never)})`,
    );
  }

  async find(id: ResourceId): Promise<Resource | undefined> {
    const [row] = await this.#database.run((sql) => sql<ResourceRow[]>`select ${resourceColumns(sql)} from as_ro.resource where id = ${id}`);
    return row === undefined ? undefined : toResource(row);
  }

  findAll(ids: readonly ResourceId[]): Promise<readonly Resource[]> {
    return this.#lists.run(ids);
  }

  /** When the owner changes, the former owner's shares are removed: they were not the new owner's decision. */
  async replace(resource: Resource): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await this.#database.run((sql) => updateResource(sql, resource))).length === 1;
      } catch (error) {
        // The former owner added a share while the statement ran: the next one sees it and removes it.
        if (attempt === REPLACE_ATTEMPTS || !violates(error, 'share_of_own_resource')) throw error;
      }
    }
  }

  async remove(id: ResourceId, resourceServer: ClientId, owner?: string): Promise<boolean> {
    const rows = await this.#database.run(
      (sql) => sql<{ id: string }[]>`
        delete from as_ro.resource where id = ${id} and resource_server = ${resourceServer} and owner = coalesce(${owner ?? null}::text, owner) returning id`,
    );
    return rows.length === 1;
  }

  async listIds(resourceServer: ClientId, owner?: string): Promise<readonly ResourceId[]> {
    const rows = await this.#database.run(
      (sql) => sql<{ id: ResourceId }[]>`
        select id from as_ro.resource where resource_server = ${resourceServer} and owner = coalesce(${owner ?? null}::text, owner) order by sequence`,
    );
    return rows.map(({ id }) => id);
  }

  async listByOwner(owner: string): Promise<readonly Resource[]> {
    const rows = await this.#database.run(
      (sql) => sql<ResourceRow[]>`select ${resourceColumns(sql)} from as_ro.resource where owner = ${owner} order by sequence`,
    );
    return rows.map(toResource);
  }
}

async function findLists(database: Database, lists: readonly (readonly ResourceId[])[]): Promise<readonly (readonly Resource[])[]> {
  const ids = [...new Set(lists.flat())];
  const rows = await database.run((sql) => sql<ResourceRow[]>`select ${resourceColumns(sql)} from as_ro.resource where id = any(${ids})`);
  const resources = rows.map(toResource);
  return lists.map((list) => resources.filter(({ id }) => list.includes(id)));
}

function updateResource(sql: Sql, resource: Resource) {
  const { id, resourceServer, owner, scopes, name, description, iconUri, type, uri, localized } = resource;
  return sql<{ id: string }[]>`
    with foreign_share as (
      delete from as_ro.share using as_ro.resource
      where share.resource_id = resource.id and resource.id = ${id} and resource.resource_server = ${resourceServer} and share.owner <> ${owner}
    )
    update as_ro.resource
    set owner = ${owner}, scopes = ${scopes as string[]}, name = ${name ?? null}, description = ${description ?? null},
      icon_uri = ${iconUri ?? null}, type = ${type ?? null}, uri = ${uri ?? null}, localized = ${sql.json(localized)}
    where id = ${id} and resource_server = ${resourceServer}
    returning id`;
}
