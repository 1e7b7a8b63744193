import type { ClientId, Grantee, Resource, ResourceCriteria, ResourceSearch } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** Looks for resources in memory: for development and tests. */
export class MemoryResourceSearch implements ResourceSearch {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async search(resourceServer: ClientId, criteria: ResourceCriteria, page: { readonly offset: number; readonly limit: number }): Promise<readonly Resource[]> {
    const found = [...this.#state.resources.values()].filter((resource) => resource.resourceServer === resourceServer && this.#meets(resource, criteria));
    return structuredClone(found.slice(page.offset, page.offset + page.limit));
  }

  #meets(resource: Resource, { id, name, uris, owner, type, scope, sharedWith }: ResourceCriteria): boolean {
    return (
      (id === undefined || resource.id === id) &&
      (name === undefined || resource.name === name) &&
      (uris === undefined || (resource.uri !== undefined && uris.includes(resource.uri))) &&
      (owner === undefined || resource.owner === owner) &&
      (type === undefined || resource.type === type) &&
      (scope === undefined || resource.scopes.includes(scope)) &&
      (sharedWith === undefined || this.#isShared(resource, sharedWith.email))
    );
  }

  #isShared({ id }: Resource, email: string | undefined): boolean {
    return [...this.#state.shares.values()].some(({ resourceId, grantee }) => resourceId === id && mayMean(grantee, email));
  }
}

function mayMean(grantee: Grantee, email: string | undefined): boolean {
  if (grantee.kind === 'unidentified') return true;
  if (email === undefined) return false;
  if (grantee.kind === 'anyone') return true;
  return grantee.kind === 'person' ? grantee.email === email : grantee.domain === email.slice(email.lastIndexOf('@') + 1);
}
