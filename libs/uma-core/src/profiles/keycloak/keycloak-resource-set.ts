import { z } from 'zod';
import { invalidRequest } from '../../errors/refusals.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';

const scope = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);
const resourceSet = z.object({
  name: z.string().min(1),
  type: z.string().nullish(),
  uris: z.array(z.string()).nullish(),
  uri: z.string().nullish(),
  icon_uri: z.string().nullish(),
  // Keycloak's own clients send `scopes`, others the name of UMA.
  scopes: z.array(scope).nullish(),
  resource_scopes: z.array(scope).nullish(),
  owner: z.union([z.string(), z.object({ id: z.string().nullish(), name: z.string().nullish() }).transform(({ id, name }) => id ?? name)]).nullish(),
});

/**
 * Makes a resource description (Federated Authorization 3.1) of a resource in Keycloak's form: `scopes` as texts or objects with a name, `uris`,
 * `owner` as text or object. Its further members (`attributes`, `displayName`, `ownerManagedAccess`) are not kept: here the owner always decides.
 * @param json the parsed JSON body
 * @param baseUri absolute URI that a `uris` element without scheme is resolved against
 * @throws ProtocolError `invalid_request` when it is none, or has more than one URI
 */
export function readKeycloakResourceSet(json: unknown, baseUri: string): JsonObject {
  const parsed = resourceSet.safeParse(json);
  if (!parsed.success) throw invalidRequest('resource_set_malformed', parsed.error.issues[0]?.path.join('.'));
  const { name, type, uris, uri, icon_uri, scopes, resource_scopes, owner } = parsed.data;
  const wanted = [...new Set([...(uris ?? []), ...(uri === undefined || uri === null ? [] : [uri])])].filter((text) => text.trim() !== '');
  // A resource of ours is in one place; a list that is cut would leave addresses unprotected that the RS believes to be protected.
  if (wanted.length > 1) throw invalidRequest('several_uris');
  const members = {
    name,
    type: type ?? undefined,
    icon_uri: icon_uri ?? undefined,
    uri: wanted[0] === undefined ? undefined : toAbsoluteUri(wanted[0], baseUri),
    owner: owner ?? undefined,
  };
  const present = Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  return { resource_scopes: [...(scopes ?? resource_scopes ?? [])], ...Object.fromEntries(present) };
}

/** A registered resource as Keycloak describes it. No further members: Keycloak's Java clients refuse what they do not know. */
export function keycloakResourceSet(resource: Resource): JsonObject {
  const scopes = resource.scopes.map((name) => ({ name }));
  return {
    _id: resource.id,
    ...(resource.name === undefined ? {} : { name: resource.name, displayName: resource.name }),
    ...(resource.type === undefined ? {} : { type: resource.type }),
    ...(resource.iconUri === undefined ? {} : { icon_uri: resource.iconUri }),
    uris: resource.uri === undefined ? [] : [resource.uri],
    owner: { id: resource.owner, name: resource.owner },
    ownerManagedAccess: true,
    attributes: {},
    scopes,
    resource_scopes: scopes,
  };
}

/**
 * A URI as a Keycloak client writes it, `/path` mostly, as the absolute one that is registered here.
 * @param baseUri absolute, of the resource server
 */
export function toAbsoluteUri(uri: string, baseUri: string): string {
  if (!uri.startsWith('/') || uri.startsWith('//')) return uri;
  return `${new URL(baseUri).origin}${uri}`;
}
