import { createHash } from 'node:crypto';
import {
  invalidRequest,
  ProtocolError,
  readResource,
  readResourceSetDescription,
  registerResource,
  removeResource,
  replaceResource,
  resourceSetDescriptionAnswer,
  resourceSetNames,
  type ActingResourceServer,
  type Issuer,
  type JsonValue,
  type Resource,
  type ResourceRegistration,
  type Sha256,
} from '@uma-federation/uma-core';
import { OWNER_RESOURCES_PATH } from '../paths.ts';

/** A resource as the RS registered it, under the RS's own name. */
export interface ResourceSet {
  readonly id: string;
  readonly resource: Resource;
  /** Changes with the description: `_rev` and the entity tag of the drafts. */
  readonly revision: string;
  /** Where its owner sets policy. */
  readonly policyUri: string;
}

/** The resource set registration API in front of the house's own registry (D05 2.4.3, OAuth-resource-reg 2.2). */
export class Uma1ResourceSets {
  readonly #issuer: Issuer;
  readonly #registration: ResourceRegistration;
  readonly #sha256: Sha256;

  constructor(issuer: Issuer, registration: ResourceRegistration, sha256: Sha256) {
    this.#issuer = issuer;
    this.#registration = registration;
    this.#sha256 = sha256;
  }

  /** Registers a resource set under a fresh id (1.0.1). @throws ProtocolError `invalid_request` */
  async create(body: JsonValue, server: ActingResourceServer): Promise<ResourceSet> {
    return this.#toSet(await registerResource(readResourceSetDescription(body), server, this.#registration), server);
  }

  /**
   * Registers a resource set under the name that the RS has chosen (the drafts).
   * @throws ProtocolError `invalid_request`, also when there is one of this name (D05 4.2: "There is already a resource with this identifier.")
   */
  async createAs(name: string, body: JsonValue, server: ActingResourceServer): Promise<ResourceSet> {
    const id = (await this.#names(server)).chosen(name);
    const description = readResourceSetDescription(body);
    try {
      return await this.#toSet(await registerResource(description, server, this.#registration, id), server);
    } catch (error) {
      if (error instanceof ProtocolError || (await this.#registration.resources.find(id)) === undefined) throw error;
      throw invalidRequest('resource_set_exists');
    }
  }

  /** @throws ProtocolError `not_found` */
  async read(name: string, server: ActingResourceServer): Promise<ResourceSet> {
    const id = (await this.#names(server)).toResourceId(name);
    return this.#toSet(await readResource(id, server, this.#registration), server);
  }

  /**
   * Replaces a description.
   * @param ifMatch the `If-Match` header, if there is one
   * @throws ProtocolError `not_found`, 412 `precondition_failed`, `invalid_request`
   */
  async replace(name: string, body: JsonValue, ifMatch: string | undefined, server: ActingResourceServer): Promise<ResourceSet> {
    const { resource } = await this.#matching(name, ifMatch, server);
    return this.#toSet(await replaceResource(resource.id, readResourceSetDescription(body), server, this.#registration), server);
  }

  /** @throws ProtocolError `not_found`, 412 `precondition_failed` */
  async remove(name: string, ifMatch: string | undefined, server: ActingResourceServer): Promise<void> {
    const { resource } = await this.#matching(name, ifMatch, server);
    await removeResource(resource.id, server, this.#registration);
  }

  /** The RS's own names of everything that it has registered. */
  async list(server: ActingResourceServer): Promise<readonly string[]> {
    const names = await this.#names(server);
    return (await this.#registration.resources.listIds(server.clientId, server.owner)).map((id) => names.toResourceSetId(id));
  }

  async #matching(name: string, ifMatch: string | undefined, server: ActingResourceServer): Promise<ResourceSet> {
    const set = await this.read(name, server);
    if (ifMatch !== undefined && !matches(ifMatch, set.revision)) throw preconditionFailed();
    return set;
  }

  async #toSet(resource: Resource, server: ActingResourceServer): Promise<ResourceSet> {
    const id = (await this.#names(server)).toResourceSetId(resource.id);
    const revision = createHash('sha256').update(JSON.stringify(resourceSetDescriptionAnswer(resource, id))).digest('base64url').slice(0, 22);
    return { id, resource, revision, policyUri: `${this.#issuer}${OWNER_RESOURCES_PATH}/${resource.id}` };
  }

  #names({ clientId }: ActingResourceServer) {
    return resourceSetNames(clientId, this.#sha256);
  }
}

/** RFC 9110 13.1.1; the quotes may be missing, as in the examples of D05. A weak tag never matches. */
function matches(ifMatch: string, revision: string): boolean {
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  return tags.includes('*') || tags.includes(revision) || tags.includes(`"${revision}"`);
}

function preconditionFailed(): ProtocolError {
  return new ProtocolError({ error: 'precondition_failed', status: 412, reason: 'entity_tag_differs', description: 'The resource set has changed.' });
}
