import { z } from 'zod';
import { invalidRequest } from '../errors/refusals.ts';
import type { AuthorizationRequest } from '../model/authorization-request.ts';
import type { JsonObject } from '../model/json.ts';
import { dateTime, seconds, time } from './owner-api-time.ts';
import { scopeToken } from './scope-token.ts';

const approval = z.strictObject({ scopes: z.array(scopeToken).min(1).max(64).optional(), expires_at: time.optional() });

/** How far an owner's yes goes. `expiresAt` is a NumericDate. */
export interface RequestApproval {
  readonly scopes?: readonly string[] | undefined;
  readonly expiresAt?: number | undefined;
}

/**
 * Reads the body of an owner's yes.
 * @param json the parsed JSON body; `{}` approves what was asked for
 * @param now NumericDate; an end that has passed is refused
 * @throws ProtocolError `invalid_request`
 */
export function readRequestApproval(json: unknown, now: number): RequestApproval {
  const parsed = approval.safeParse(json);
  if (!parsed.success) throw invalidRequest('approval_malformed');
  const expiresAt = seconds(parsed.data.expires_at);
  if (expiresAt !== undefined && expiresAt <= now) throw invalidRequest('share_ends_before_it_begins');
  return { scopes: parsed.data.scopes, expiresAt };
}

/** A request as its owner sees it; times as RFC 3339 date-times in UTC. */
export function authorizationRequestDocument(request: AuthorizationRequest): JsonObject {
  return {
    id: request.id,
    status: request.status,
    requesting_party: request.requestingParty,
    issuer: request.issuer,
    client_id: request.clientId,
    resource_server: request.resourceServer,
    permissions: request.permissions.map(({ resourceId, scopes }) => ({ resource_id: resourceId, resource_scopes: scopes })),
    created_at: dateTime(request.createdAt),
    expires_at: dateTime(request.expiresAt),
  };
}
