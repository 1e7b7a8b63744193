import type { ClientId, JsonObject, Resource, ResourceId } from '@uma-federation/uma-core';
import type { Sql } from './database.ts';

/** A row of `as_ro.resource`. */
export interface ResourceRow {
  readonly id: ResourceId;
  readonly resource_server: ClientId;
  readonly owner: string;
  readonly scopes: string[];
  readonly name: string | null;
  readonly description: string | null;
  readonly icon_uri: string | null;
  readonly type: string | null;
  readonly uri: string | null;
  readonly localized: JsonObject;
}

/** The columns of a `ResourceRow`. */
export function resourceColumns(sql: Sql) {
  return sql`id, resource_server, owner, scopes, name, description, icon_uri, type, uri, localized`;
}

/** The resource that a row holds. */
export function toResource(row: ResourceRow): Resource {
  return {
    id: row.id,
    resourceServer: row.resource_server,
    owner: row.owner,
    scopes: row.scopes,
    ...(row.name === null ? {} : { name: row.name }),
    ...(row.description === null ? {} : { description: row.description }),
    ...(row.icon_uri === null ? {} : { iconUri: row.icon_uri }),
    ...(row.type === null ? {} : { type: row.type }),
    ...(row.uri === null ? {} : { uri: row.uri }),
    localized: row.localized,
  };
}
