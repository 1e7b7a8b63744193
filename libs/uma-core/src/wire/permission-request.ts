import { z } from 'zod';
import { invalidRequest } from '../errors/refusals.ts';

const permission = z.object({
  resource_id: z.string().min(1).max(256),
  // A text that cannot be a scope is one that was not registered: invalid_scope, not invalid_request (F21).
  resource_scopes: z.array(z.string().min(1).max(512)).max(64),
  resource_uri: z.string().max(2048).optional(),
});
// Federated Authorization 4.1: one object, or an array of one or more; unknown members are ignored.
const body = z.union([permission, z.array(permission).min(1).max(32)]);

/** One requested permission (Federated Authorization 4.1) with the extension `resource_uri` (protocol.md 1.9). */
export interface PermissionRequest {
  readonly resourceId: string;
  readonly scopes: readonly string[];
  readonly resourceUri?: string | undefined;
}

/**
 * Reads the body of a permission request.
 * @param json the parsed JSON body
 * @throws ProtocolError `invalid_request` when it is neither a permission object nor a non-empty array of them
 */
export function readPermissionRequest(json: unknown): readonly PermissionRequest[] {
  const parsed = body.safeParse(json);
  if (!parsed.success) throw invalidRequest('permission_request_malformed');
  const items = Array.isArray(parsed.data) ? parsed.data : [parsed.data];
  return items.map((item) => ({ resourceId: item.resource_id, scopes: [...new Set(item.resource_scopes)], resourceUri: item.resource_uri }));
}
