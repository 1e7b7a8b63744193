import type { Permission } from '../model/permission.ts';
import type { RequestingPartyToken } from '../tokens/requesting-party-token.ts';

/** Whether an RPT that was verified covers a request. */
export type AccessDecision = 'permitted' | 'insufficient';

/**
 * Decides whether the permissions of a verified RPT cover what a route needs (UMA Grant 3.5; protocol.md 3.5). Pure.
 * Ids and scopes are compared whole (A81). Does not check signature, audience, times, revocation or proof of possession of the token.
 * @param needed resource and scopes; with no scopes any permission for the resource is enough
 */
export function authorizeAccess(token: Pick<RequestingPartyToken, 'permissions'>, needed: Permission): AccessDecision {
  const granted = token.permissions.filter(({ resourceId }) => resourceId === needed.resourceId);
  const scopes = new Set(granted.flatMap((permission) => permission.scopes));
  return granted.length > 0 && needed.scopes.every((scope) => scopes.has(scope)) ? 'permitted' : 'insufficient';
}
