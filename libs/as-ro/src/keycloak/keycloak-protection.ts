import {
  findByUri,
  invalidRequest,
  invalidResourceId,
  keycloakResourceSet,
  notFound,
  readKeycloakPermissionRequest,
  readKeycloakResourceSet,
  toKeycloakPermissions,
  type ActingResourceServer,
  type JsonObject,
  type JsonValue,
  type Permission,
  type Resource,
  type ResourceCriteria,
  type ResourceId,
  type ResourceRegistry,
  type ResourceSearch,
} from '@uma-federation/uma-core';
import type { ProtectionApi } from '../protection-api.ts';


/** The query of Keycloak's list of resources, as it came. */
export type ResourceQuery = Readonly<Record<string, unknown>>;

const PAGE = { first: 0, max: 100 } as const;
/** Resources with one name that a permission request looks at: more than one is ambiguous already. */
const AMBIGUOUS = { offset: 0, limit: 2 } as const;

/**
 * Keycloak's protection API as a translation: what happens, happens in `ProtectionApi`. With a person's PAT an RS acts for that owner alone:
 * what is looked for is theirs, nobody else's resources exist (F5, F13).
 */
export class KeycloakProtection {
  readonly #api: ProtectionApi;
  readonly #resources: ResourceRegistry;
  readonly #search: ResourceSearch;

  constructor(api: ProtectionApi, stores: { readonly resources: ResourceRegistry; readonly resourceSearch: ResourceSearch }) {
    this.#api = api;
    this.#resources = stores.resources;
    this.#search = stores.resourceSearch;
  }

  /** @throws ProtocolError `invalid_request` as registration does */
  async create(body: JsonValue, server: ActingResourceServer): Promise<JsonObject & { readonly _id: ResourceId }> {
    const { _id } = await this.#api.create(readKeycloakResourceSet(body, baseUriOf(server)), server);
    return { ...(await this.read(_id, server)), _id };
  }

  /** @throws ProtocolError `not_found` for what this RS did not register (Keycloak CVE-2026-4630) */
  async read(id: ResourceId, server: ActingResourceServer): Promise<JsonObject> {
    await this.#api.perform({ operation: 'resource.read', id }, server);
    const resource = await this.#resources.find(id);
    if (resource === undefined) throw notFound('resource_unknown_to_this_rs');
    return keycloakResourceSet(resource);
  }

  /** @throws ProtocolError as `read` and `create` */
  async replace(id: ResourceId, body: JsonValue, server: ActingResourceServer): Promise<void> {
    await this.#api.perform({ operation: 'resource.replace', id, body: readKeycloakResourceSet(body, baseUriOf(server)) }, server);
  }

  /** @throws ProtocolError as `read` */
  async remove(id: ResourceId, server: ActingResourceServer): Promise<void> {
    await this.#api.perform({ operation: 'resource.remove', id }, server);
  }

  /**
   * Resources of this RS that meet the query: their ids, or with `deep=true` their descriptions.
   * @throws ProtocolError `invalid_request` for a parameter that is repeated or malformed
   */
  async list(query: ResourceQuery, server: ActingResourceServer): Promise<JsonValue> {
    const first = wholeNumber(query, 'first') ?? PAGE.first;
    const max = wholeNumber(query, 'max') ?? PAGE.max;
    const found = await this.#find(query, server, { offset: first, limit: Math.min(max, PAGE.max) });
    return text(query, 'deep') === 'true' ? found.map(keycloakResourceSet) : found.map(({ id }) => id);
  }

  async #find(query: ResourceQuery, server: ActingResourceServer, page: { readonly offset: number; readonly limit: number }): Promise<readonly Resource[]> {
    const uri = text(query, 'uri');
    const owner = text(query, 'owner');
    if (server.owner !== undefined && owner !== undefined && owner !== server.owner) return [];
    const criteria: ResourceCriteria = {
      id: text(query, '_id'),
      name: text(query, 'name'),
      owner: server.owner ?? owner,
      type: text(query, 'type'),
      scope: text(query, 'scope'),
    };
    if (uri === undefined) return this.#search.search(server.clientId, criteria, page);
    const found = await findByUri(uri, { wildcards: text(query, 'matchingUri') === 'true', criteria }, server, { search: this.#search });
    return found.slice(page.offset, page.offset + page.limit);
  }

  /**
   * A ticket for what an enforcer asks, by id or by name; without scopes for all that the resource has.
   * @throws ProtocolError `invalid_resource_id`, `invalid_scope`, `invalid_request`
   */
  async requestPermission(body: JsonValue, server: ActingResourceServer): Promise<JsonObject> {
    const wanted = readKeycloakPermissionRequest(body);
    const resources = await Promise.all(wanted.map(({ resource }) => this.#named(resource, server)));
    const permissions = wanted.map(({ scopes }, index) => ({
      resource_id: resources[index]?.id ?? '',
      resource_scopes: scopes.length > 0 ? scopes : (resources[index]?.scopes ?? []),
    }));
    const answer = (await this.#api.perform({ operation: 'permission.request', body: permissions }, server)) as JsonObject;
    return { ticket: answer['ticket'] ?? '' };
  }

  async #named(idOrName: string, server: ActingResourceServer): Promise<Resource> {
    const [byId] = await this.#search.search(server.clientId, { id: idOrName, owner: server.owner }, AMBIGUOUS);
    if (byId !== undefined) return byId;
    const byName = await this.#search.search(server.clientId, { name: idOrName, owner: server.owner }, AMBIGUOUS);
    const [resource] = byName;
    if (resource === undefined || byName.length > 1) throw invalidResourceId(resource === undefined ? 'resource_unknown_to_this_rs' : 'resource_name_ambiguous');
    return resource;
  }

  /** The introspection answer with the permissions in both dialects. An inactive token is `{active: false}` and nothing else. */
  async introspect(token: string, server: ActingResourceServer): Promise<JsonObject> {
    const answer = (await this.#api.perform({ operation: 'rpt.introspect', token }, server)) as JsonObject;
    if (answer['active'] !== true) return answer;
    const permissions = (answer['permissions'] as readonly { readonly resource_id: ResourceId; readonly resource_scopes: readonly string[] }[]).map(
      ({ resource_id, resource_scopes }): Permission => ({ resourceId: resource_id, scopes: resource_scopes }),
    );
    const resources = await this.#resources.findAll(permissions.map(({ resourceId }) => resourceId));
    const written = toKeycloakPermissions(permissions, resources);
    return {
      ...answer,
      azp: answer['client_id'] ?? '',
      permissions: written.map((permission) => ({ ...permission, resource_id: permission['rsid'] ?? '', resource_scopes: permission['scopes'] ?? [] })),
      authorization: { permissions: written },
    };
  }
}

function baseUriOf({ registration }: ActingResourceServer): string {
  return registration.baseUris[0] ?? registration.identifier;
}

function text(query: ResourceQuery, name: string): string | undefined {
  const value = Object.hasOwn(query, name) ? query[name] : undefined;
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || value.length > 2048) throw invalidRequest('query_malformed', name);
  return value;
}

function wholeNumber(query: ResourceQuery, name: string): number | undefined {
  const value = text(query, name);
  if (value === undefined) return undefined;
  if (!/^[0-9]{1,9}$/.test(value)) throw invalidRequest('query_malformed', name);
  return Number(value);
}
