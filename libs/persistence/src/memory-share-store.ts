import type { ResourceId, Share, ShareId, ShareStore } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** Shares in memory: for development and tests. */
export class MemoryShareStore implements ShareStore {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async create(share: Share): Promise<boolean> {
    const resource = this.#state.resources.get(share.resourceId);
    if (resource?.owner !== share.owner || !share.scopes.every((scope) => resource.scopes.includes(scope))) return false;
    if (this.#state.shares.has(share.id)) throw new Error('a share with this id exists');
    const { id, resourceId, ...rest } = structuredClone(share);
    this.#state.shares.set(id, { id, resourceId, ...rest });
    this.#state.note('share_created', { share: id, resource: resourceId, ...rest });
    return true;
  }

  async findByResources(resourceIds: readonly ResourceId[]): Promise<readonly Share[]> {
    return this.#select(({ resourceId }) => resourceIds.includes(resourceId));
  }

  async listByOwner(owner: string): Promise<readonly Share[]> {
    return this.#select((share) => share.owner === owner);
  }

  async remove(id: ShareId, owner: string): Promise<boolean> {
    const share = this.#state.shares.get(id);
    if (share?.owner !== owner) return false;
    this.#state.withdraw(share);
    return true;
  }

  #select(wanted: (share: Share) => boolean): Share[] {
    return structuredClone([...this.#state.shares.values()].filter(wanted));
  }
}
