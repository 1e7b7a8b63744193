import type { AuthorizationRequest, AuthorizationRequestStore, RequestId, RequestStatus, Share } from '@uma-federation/uma-core';
import type { MemoryAsRoState } from './memory-as-ro-state.ts';
import { requestFingerprint } from './request-fingerprint.ts';

/** Requests to owners in memory: for development and tests. */
export class MemoryAuthorizationRequestStore implements AuthorizationRequestStore {
  readonly #state: MemoryAsRoState;

  constructor(state: MemoryAsRoState) {
    this.#state = state;
  }

  async submit(request: AuthorizationRequest, limit: number): Promise<{ readonly id: RequestId; readonly status: RequestStatus } | undefined> {
    this.#state.tidy();
    const fingerprint = requestFingerprint(request);
    const standing = [...this.#state.requests.values()].find(
      (other) => other.status !== 'approved' && other.expiresAt > request.createdAt && requestFingerprint(other) === fingerprint,
    );
    if (standing !== undefined) return { id: standing.id, status: standing.status };
    const waiting = [...this.#state.requests.values()].filter(
      ({ owner, issuer, status, expiresAt }) => owner === request.owner && issuer === request.issuer && status === 'pending' && expiresAt > request.createdAt,
    );
    if (waiting.length >= limit) return undefined;
    this.#state.requests.set(request.id, structuredClone(request));
    this.#state.note('authorization_requested', { request: request.id, owner: request.owner, requesting_party: request.requestingParty, client_id: request.clientId });
    return { id: request.id, status: request.status };
  }

  async find(id: RequestId, now: number): Promise<AuthorizationRequest | undefined> {
    const found = this.#state.requests.get(id);
    return found !== undefined && found.expiresAt > now ? structuredClone(found) : undefined;
  }

  async listByOwner(owner: string, now: number): Promise<readonly AuthorizationRequest[]> {
    return structuredClone([...this.#state.requests.values()].filter((request) => request.owner === owner && request.expiresAt > now).reverse());
  }

  async approve(id: RequestId, owner: string, shares: readonly Share[], now: number): Promise<boolean> {
    const { resources } = this.#state;
    const isOwn = ({ owner: sharedBy, resourceId, scopes }: Share): boolean => {
      const resource = resources.get(resourceId);
      return sharedBy === owner && resource?.owner === owner && scopes.every((scope) => resource.scopes.includes(scope));
    };
    if (shares.some(({ id: shareId }) => this.#state.shares.has(shareId))) throw new Error('a share with this id exists');
    if (!shares.every(isOwn) || !this.#decide(id, owner, 'approved', now)) return false;
    for (const share of structuredClone(shares)) {
      this.#state.shares.set(share.id, share);
      const { id: shareId, resourceId, ...rest } = share;
      this.#state.note('share_created', { share: shareId, resource: resourceId, ...rest });
    }
    return true;
  }

  async deny(id: RequestId, owner: string, now: number): Promise<boolean> {
    return this.#decide(id, owner, 'denied', now);
  }

  #decide(id: RequestId, owner: string, status: RequestStatus, now: number): boolean {
    const request = this.#state.requests.get(id);
    if (request?.owner !== owner || request.status !== 'pending' || request.expiresAt <= now) return false;
    this.#state.requests.set(id, { ...request, status });
    this.#state.note(`authorization_request_${status}`, { request: id, owner });
    return true;
  }
}
