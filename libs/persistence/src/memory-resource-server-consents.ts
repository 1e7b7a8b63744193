import type { ClientId, ConsentId, ResourceServerConsent, ResourceServerConsents } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';

/** Consents in memory: for development and tests. */
export class MemoryResourceServerConsents implements ResourceServerConsents {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async use({ owner, resourceServer, fresh, now }: Parameters<ResourceServerConsents['use']>[0]): Promise<ConsentId | undefined> {
    const current = this.#find(owner, resourceServer);
    if (current?.endedAt !== undefined) return undefined;
    if (current === undefined) {
      this.#put({ id: fresh, owner, resourceServer, since: now, lastUsedAt: now });
      this.#note('consent_given', fresh, owner, resourceServer);
      return fresh;
    }
    this.#put({ ...current, lastUsedAt: Math.max(current.lastUsedAt ?? now, now) });
    return current.id;
  }

  async holds({ id, owner, resourceServer }: Parameters<ResourceServerConsents['holds']>[0]): Promise<boolean> {
    const current = this.#find(owner, resourceServer);
    return current?.id === id && current.endedAt === undefined;
  }

  async listByOwner(owner: string): Promise<readonly ResourceServerConsent[]> {
    return structuredClone([...this.#state.consents.values()].filter((consent) => consent.owner === owner));
  }

  async end(owner: string, resourceServer: ClientId, now: number): Promise<boolean> {
    const current = this.#find(owner, resourceServer);
    if (current === undefined) return false;
    if (current.endedAt !== undefined) return true;
    this.#put({ ...current, endedAt: now });
    for (const [hash, token] of this.#state.protectionRefreshTokens) if (token.consent === current.id) this.#state.protectionRefreshTokens.delete(hash);
    this.#note('consent_ended', current.id, owner, resourceServer);
    return true;
  }

  async allow(owner: string, resourceServer: ClientId, fresh: ConsentId, now: number): Promise<ResourceServerConsent | undefined> {
    const current = this.#find(owner, resourceServer);
    if (current?.endedAt === undefined) return structuredClone(current);
    const allowed = { id: fresh, owner, resourceServer, since: now };
    this.#put(allowed);
    this.#note('consent_given', fresh, owner, resourceServer);
    return structuredClone(allowed);
  }

  #find(owner: string, resourceServer: ClientId): ResourceServerConsent | undefined {
    return this.#state.consents.get(keyOf(owner, resourceServer));
  }

  #put(consent: ResourceServerConsent): void {
    this.#state.consents.set(keyOf(consent.owner, consent.resourceServer), consent);
  }

  #note(event: string, consent: ConsentId, owner: string, resourceServer: ClientId): void {
    this.#state.note(event, { consent, owner, resource_server: resourceServer });
  }
}

function keyOf(owner: string, resourceServer: ClientId): string {
  return JSON.stringify([owner, resourceServer]);
}
