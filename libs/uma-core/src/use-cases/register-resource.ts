import { encodeBase64Url } from '../tokens/base64url.ts';
import { invalidRequest, notFound } from '../errors/refusals.ts';
import { isWithinBaseUri } from '../model/base-uri.ts';
import type { ResourceServerRegistration } from '../model/client-registration.ts';
import { parseEmailAddress } from '../model/email-address.ts';
import type { ClientId, ResourceId } from '../model/ids.ts';
import type { Resource } from '../model/resource.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { ResourceRegistry } from '../ports/resource-registry.ts';
import type { ResourceDescription } from '../wire/resource-description.ts';

/** The RS whose PAT accompanies a request at the protection API. */
export interface ActingResourceServer {
  readonly clientId: ClientId;
  readonly registration: ResourceServerRegistration;
  /** The owner whose PAT it is (canonical e-mail): nobody else's resources exist for the request (F5, F13). Absent for an organisation's RS. */
  readonly owner?: string | undefined;
}

/** What the registration API needs. `servedDomains` are the e-mail domains (A-labels) whose people may own resources here. */
export interface ResourceRegistration {
  readonly resources: ResourceRegistry;
  readonly randomness: Randomness;
  readonly servedDomains: readonly string[];
}

/** What registering alone needs. */
export type NewResources = Omit<ResourceRegistration, 'resources'> & { readonly resources: Pick<ResourceRegistry, 'create'> };

/**
 * Registers a resource (Federated Authorization 3.2.1).
 * @param id where the RS has chosen it (UMA 1.0); otherwise a fresh one of 128 random bits
 * @throws ProtocolError `invalid_request` when the owner is not of a domain that this AS-RO serves (seed 003 "must match"; protocol.md C15),
 *   the PAT is another owner's, or `uri` lies outside the RS's base URIs
 */
export async function registerResource(
  description: ResourceDescription,
  server: ActingResourceServer,
  deps: NewResources,
  id = `res_${encodeBase64Url(deps.randomness.bytes(16))}` as ResourceId,
): Promise<Resource> {
  const resource = describe(id, description, server, ownerOf(description, server, deps));
  await deps.resources.create(resource);
  return resource;
}

/**
 * Replaces a resource's description in full: omitted optional members disappear (Federated Authorization 3.2.3; F11). The owner stays.
 * @throws ProtocolError `not_found` for an id that this RS did not register, `invalid_request` as for registration or when another owner is named
 */
export async function replaceResource(
  id: ResourceId,
  description: ResourceDescription,
  server: ActingResourceServer,
  deps: ResourceRegistration,
): Promise<Resource> {
  const current = await readResource(id, server, deps);
  if (description.owner !== undefined && ownerOf(description, server, deps) !== current.owner) throw invalidRequest('owner_cannot_change');
  const resource = describe(id, description, server, current.owner);
  if (!(await deps.resources.replace(resource))) throw notFound('resource_unknown_to_this_rs');
  return resource;
}

/**
 * Reads a resource (Federated Authorization 3.2.2).
 * @throws ProtocolError `not_found` for an id that this RS did not register, for this owner; a foreign id looks like an unknown one
 */
export async function readResource(id: ResourceId, server: ActingResourceServer, deps: Pick<ResourceRegistration, 'resources'>): Promise<Resource> {
  const resource = await deps.resources.find(id);
  if (resource === undefined || !isOf(server, resource)) throw notFound('resource_unknown_to_this_rs');
  return resource;
}

/**
 * Ends the protection of a resource (Federated Authorization 3.2.4): its shares and the RPTs that rest on them end with it.
 * @throws ProtocolError `not_found` for an id that this RS did not register
 */
export async function removeResource(id: ResourceId, server: ActingResourceServer, deps: Pick<ResourceRegistration, 'resources'>): Promise<void> {
  if (!(await deps.resources.remove(id, server.clientId, server.owner))) throw notFound('resource_unknown_to_this_rs');
}

/** Whether the resource exists for a request with this PAT (A29). */
export function isOf(server: Omit<ActingResourceServer, 'registration'>, resource: Resource): boolean {
  return resource.resourceServer === server.clientId && (server.owner === undefined || resource.owner === server.owner);
}

function ownerOf(description: ResourceDescription, server: ActingResourceServer, { servedDomains }: Pick<ResourceRegistration, 'servedDomains'>): string {
  const named = description.owner ?? server.owner ?? server.registration.defaultOwner;
  if (named === undefined) throw invalidRequest('owner_missing');
  const owner = parseEmailAddress(named);
  if (owner === undefined) throw invalidRequest('owner_not_an_email_address');
  if (!servedDomains.includes(owner.domain)) throw invalidRequest('owner_of_another_domain');
  // F5: the PAT speaks for one owner only.
  if (server.owner !== undefined && owner.address !== server.owner) throw invalidRequest('owner_of_another_pat');
  return owner.address;
}

function describe(id: ResourceId, description: ResourceDescription, server: ActingResourceServer, owner: string): Resource {
  const { uri } = description;
  if (uri !== undefined && !server.registration.baseUris.some((base) => isWithinBaseUri(uri, base))) {
    throw invalidRequest('uri_outside_base_uris');
  }
  return { ...description, id, owner, resourceServer: server.clientId };
}
