import { z } from 'zod';
import { invalidRequest } from '../errors/refusals.ts';
import type { JsonObject } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { scopeToken } from './scope-token.ts';

const description = z.object({
  resource_scopes: z.array(scopeToken).max(64),
  name: z.string().max(512).optional(),
  description: z.string().max(4096).optional(),
  icon_uri: z.string().max(2048).optional(),
  type: z.string().max(512).optional(),
  uri: z.string().max(2048).optional(),
  owner: z.string().max(320).optional(),
});

/** A resource description (Federated Authorization 3.1). `uri` and `owner` are extension members of this project. */
export interface ResourceDescription {
  readonly scopes: readonly string[];
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly iconUri?: string | undefined;
  readonly type?: string | undefined;
  /** Where the resource is, an absolute URI inside the RS's base URIs. */
  readonly uri?: string | undefined;
  /** E-mail address of the resource owner; absent for the organisation's own resources. */
  readonly owner?: string | undefined;
  readonly localized: JsonObject;
}

/**
 * Reads a resource description from a registration request.
 * @param json the parsed JSON body
 * @throws ProtocolError `invalid_request` (Federated Authorization 3.2: missing or invalid parameter)
 */
export function readResourceDescription(json: unknown): ResourceDescription {
  const parsed = description.safeParse(json);
  if (!parsed.success) throw invalidRequest('resource_description_malformed', parsed.error.issues[0]?.path.join('.'));
  const { resource_scopes, icon_uri, ...rest } = parsed.data;
  if (icon_uri !== undefined && !/^https?:\/\/[^\s"<>]+$/.test(icon_uri)) throw invalidRequest('icon_uri_not_a_url');
  return { ...rest, iconUri: icon_uri, scopes: [...new Set(resource_scopes)], localized: readLocalized(json as object) };
}

/** The description of a registered resource as its RS reads it back, with `_id` (Federated Authorization 3.2.2). */
export function resourceDescriptionAnswer(resource: Resource): JsonObject {
  const members: Record<string, JsonObject[string] | undefined> = {
    _id: resource.id,
    resource_scopes: resource.scopes,
    name: resource.name,
    description: resource.description,
    icon_uri: resource.iconUri,
    type: resource.type,
    uri: resource.uri,
    owner: resource.owner,
    ...resource.localized,
  };
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, JsonObject[string]] => entry[1] !== undefined));
}

/** RFC 7591 2.2: `name#ja-Jpan-JP` and the like; human-readable members of other languages. */
function readLocalized(json: object): JsonObject {
  const tagged = Object.entries(json).filter(([member]) => /^(name|description)#[A-Za-z0-9-]{1,35}$/.test(member));
  if (tagged.length > 32 || tagged.some(([, value]) => typeof value !== 'string' || value.length > 4096)) {
    throw invalidRequest('localized_member_malformed');
  }
  return Object.fromEntries(tagged as [string, string][]);
}
