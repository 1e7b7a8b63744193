import { invalidRequest, notFound } from '../errors/refusals.ts';
import type { AuthorizationRequest } from '../model/authorization-request.ts';
import type { RequestId, ShareId } from '../model/ids.ts';
import type { Share } from '../model/share.ts';
import type { AuthorizationRequestStore } from '../ports/authorization-request-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { Randomness } from '../ports/randomness.ts';
import { encodeBase64Url } from '../tokens/base64url.ts';
import type { RequestApproval } from '../wire/authorization-request-document.ts';

/** What deciding needs. */
export interface RequestDeciding {
  readonly requests: AuthorizationRequestStore;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

/**
 * A request that waits, or waited, for this owner.
 * @throws ProtocolError `not_found` when it is not this owner's
 */
export async function readAuthorizationRequest(id: RequestId, owner: string, deps: RequestDeciding): Promise<AuthorizationRequest> {
  const request = await deps.requests.find(id, deps.clock.now());
  if (request === undefined || request.owner !== owner) throw notFound('request_unknown_to_this_owner');
  return request;
}

/**
 * The owner's yes: shares with the person who asked, under the conditions of the share that said "ask me". The client learns of it when it asks again.
 * @param approval fewer scopes, or an earlier end, than what was asked for
 * @returns the shares, one for each resource that was asked for
 * @throws ProtocolError `not_found` when it is no pending request of this owner, or a resource is not theirs any more; `invalid_request` when nothing is left of it
 */
export async function approveAuthorizationRequest(id: RequestId, owner: string, approval: RequestApproval, deps: RequestDeciding): Promise<readonly Share[]> {
  const request = await readAuthorizationRequest(id, owner, deps);
  const now = deps.clock.now();
  const shares = request.permissions.flatMap((permission): Share[] => {
    const scopes = permission.scopes.filter((scope) => approval.scopes?.includes(scope) ?? true);
    const ends = [approval.expiresAt, permission.expiresAt].filter((end) => end !== undefined);
    if (scopes.length === 0) return [];
    return [
      {
        id: `shr_${encodeBase64Url(deps.randomness.bytes(16))}` as ShareId,
        owner,
        resourceId: permission.resourceId,
        scopes,
        grantee: { kind: 'person', email: request.requestingParty },
        ...(ends.length === 0 ? {} : { expiresAt: Math.min(...ends) }),
        conditions: permission.conditions,
        createdAt: now,
      },
    ];
  });
  if (shares.length === 0) throw invalidRequest('approval_of_nothing');
  if (!(await deps.requests.approve(id, owner, shares, now))) throw notFound('request_decided_or_resource_gone');
  return shares;
}

/**
 * The owner's no, which is remembered as long as the request would have been.
 * @throws ProtocolError `not_found` when it is no pending request of this owner
 */
export async function denyAuthorizationRequest(id: RequestId, owner: string, deps: RequestDeciding): Promise<void> {
  if (!(await deps.requests.deny(id, owner, deps.clock.now()))) throw notFound('request_unknown_or_decided');
}
