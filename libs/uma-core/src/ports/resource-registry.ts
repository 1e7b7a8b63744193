import type { ClientId, ResourceId } from '../model/ids.ts';
import type { Resource } from '../model/resource.ts';

/** The resources that resource servers registered (Federated Authorization 3). */
export interface ResourceRegistry {
  /** Adds a resource under a fresh id. */
  create(resource: Resource): Promise<void>;
  /** The resource with this id, whoever registered it. */
  find(id: ResourceId): Promise<Resource | undefined>;
  /** The resources with these ids; unknown ids are left out. */
  findAll(ids: readonly ResourceId[]): Promise<readonly Resource[]>;
  /** Full replacement of the description; only if `resourceServer` registered it. False when there is none such. */
  replace(resource: Resource): Promise<boolean>;
  /**
   * Removes the resource and its shares and revokes the RPTs that rest on them; only if `resourceServer` registered it, and for `owner` when one is
   * given. False when there is none such.
   */
  remove(id: ResourceId, resourceServer: ClientId, owner?: string): Promise<boolean>;
  /** Ids of everything that this RS registered (for `owner`, when one is given), oldest first. */
  listIds(resourceServer: ClientId, owner?: string): Promise<readonly ResourceId[]>;
  /** Everything that belongs to this owner (canonical e-mail), oldest first. */
  listByOwner(owner: string): Promise<readonly Resource[]>;
}
