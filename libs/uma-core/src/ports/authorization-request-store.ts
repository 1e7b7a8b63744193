import type { AuthorizationRequest, RequestStatus } from '../model/authorization-request.ts';
import type { RequestId } from '../model/ids.ts';
import type { Share } from '../model/share.ts';

/** Requests that resource owners decide. */
export interface AuthorizationRequestStore {
  /**
   * Puts the request before its owner, with an audit entry, unless the same person asks for the same with the same client already, or was
   * refused that and the refusal is not forgotten yet. Atomic: any number of concurrent equal requests become one.
   * @param limit how many requests of people of one issuer may wait for one owner; concurrent ones may go a little beyond it
   * @returns the request that stands; undefined when there are as many as may wait
   */
  submit(request: AuthorizationRequest, limit: number): Promise<{ readonly id: RequestId; readonly status: RequestStatus } | undefined>;
  /** The request with this id, unless it is forgotten by `now` (NumericDate). */
  find(id: RequestId, now: number): Promise<AuthorizationRequest | undefined>;
  /** One owner's requests that are not forgotten by `now`, newest first. */
  listByOwner(owner: string, now: number): Promise<readonly AuthorizationRequest[]>;
  /**
   * The owner's yes: creates the shares and marks the request, with audit entries, all or nothing. At most one decision is ever taken.
   * @returns false, with nothing written, when it is not a pending request of this owner, or a resource or scope is not the owner's any more
   */
  approve(id: RequestId, owner: string, shares: readonly Share[], now: number): Promise<boolean>;
  /** The owner's no. @returns false when it is not a pending request of this owner */
  deny(id: RequestId, owner: string, now: number): Promise<boolean>;
}
