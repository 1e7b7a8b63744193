import type { ClientId, Resource, ResourceCriteria, ResourceSearch } from '@uma-federation/uma-core';
import type { Database, Sql } from './database.ts';
import { resourceColumns, toResource, type ResourceRow } from './resource-row.ts';

/** Looks for resources in PostgreSQL. */
export class PostgresResourceSearch implements ResourceSearch {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async search(resourceServer: ClientId, criteria: ResourceCriteria, page: { readonly offset: number; readonly limit: number }): Promise<readonly Resource[]> {
    const rows = await this.#database.run(
      (sql) => sql<ResourceRow[]>`
        select ${resourceColumns(sql)} from as_ro.resource
        where resource_server = ${resourceServer} ${conditions(sql, criteria)}
        order by sequence offset ${page.offset} limit ${page.limit}`,
    );
    return rows.map(toResource);
  }
}

function conditions(sql: Sql, { id, name, uris, owner, type, scope, sharedWith }: ResourceCriteria) {
  return sql`
    ${id === undefined ? sql`` : sql`and id = ${id}`}
    ${name === undefined ? sql`` : sql`and name = ${name}`}
    ${uris === undefined ? sql`` : sql`and uri = any(${[...uris]})`}
    ${owner === undefined ? sql`` : sql`and owner = ${owner}`}
    ${type === undefined ? sql`` : sql`and type = ${type}`}
    ${scope === undefined ? sql`` : sql`and ${scope} = any(scopes)`}
    ${sharedWith === undefined ? sql`` : sql`and exists (select from as_ro.share where share.resource_id = resource.id and ${grantee(sql, sharedWith.email)})`}`;
}

function grantee(sql: Sql, email: string | undefined) {
  if (email === undefined) return sql`grantee_kind = 'unidentified'`;
  const domain = email.slice(email.lastIndexOf('@') + 1);
  return sql`(grantee_kind in ('anyone', 'unidentified') or (grantee_kind = 'person' and grantee_value = ${email}) or (grantee_kind = 'domain' and grantee_value = ${domain}))`;
}
