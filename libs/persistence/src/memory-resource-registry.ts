import type { ClientId, Resource, ResourceId, ResourceRegistry } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** Resources in memory: for development and tests. */
export class MemoryResourceRegistry implements ResourceRegistry {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async create(resource: Resource): Promise<void> {
    if (this.#state.resources.has(resource.id)) throw new Error('a resource with this id exists');
    this.#state.resources.set(resource.id, structuredClone(resource));
  }

  async find(id: ResourceId): Promise<Resource | undefined> {
    return structuredClone(this.#state.resources.get(id));
  }

  async findAll(ids: readonly ResourceId[]): Promise<readonly Resource[]> {
    return this.#select(({ id }) => ids.includes(id));
  }

  /** When the owner changes, the former owner's shares are removed: they were not the new owner's decision. */
  async replace(resource: Resource): Promise<boolean> {
    const current = this.#state.resources.get(resource.id);
    if (current?.resourceServer !== resource.resourceServer) return false;
    if (current.owner !== resource.owner) this.#withdrawShares(resource.id);
    this.#state.resources.set(resource.id, structuredClone(resource));
    return true;
  }

  async remove(id: ResourceId, resourceServer: ClientId, owner?: string): Promise<boolean> {
    const resource = this.#state.resources.get(id);
    if (resource?.resourceServer !== resourceServer || resource.owner !== (owner ?? resource.owner)) return false;
    this.#state.resources.delete(id);
    this.#withdrawShares(id);
    return true;
  }

  async listIds(resourceServer: ClientId, owner?: string): Promise<readonly ResourceId[]> {
    return this.#select((resource) => resource.resourceServer === resourceServer && resource.owner === (owner ?? resource.owner)).map(({ id }) => id);
  }

  async listByOwner(owner: string): Promise<readonly Resource[]> {
    return this.#select((resource) => resource.owner === owner);
  }

  /** A map keeps the order in which its keys came. */
  #select(wanted: (resource: Resource) => boolean): Resource[] {
    return structuredClone([...this.#state.resources.values()].filter(wanted));
  }

  #withdrawShares(id: ResourceId): void {
    for (const share of [...this.#state.shares.values()]) if (share.resourceId === id) this.#state.withdraw(share);
  }
}
