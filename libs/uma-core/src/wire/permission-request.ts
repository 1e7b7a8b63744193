import { z } from 'zod';
import { invalidRequest } from '../errors/refusals.ts';
import type { Assurance } from '../model/assurance.ts';

const permission = z.object({
  resource_id: z.string().min(1).max(256),
  // A text that cannot be a scope is one that was not registered: invalid_scope, not invalid_request (F21).
  resource_scopes: z.array(z.string().min(1).max(512)).max(64),
  resource_uri: z.string().max(2048).optional(),
  // RFC 9470 3: separated by spaces, in order of preference; seconds.
  acr_values: z.string().max(1024).regex(/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/).optional(),
  max_age: z.int().min(0).max(31_536_000).optional(),
});
// Federated Authorization 4.1: one object, or an array of one or more; unknown members are ignored.
const body = z.union([permission, z.array(permission).min(1).max(32)]);

/** One requested permission (Federated Authorization 4.1) with the extensions `resource_uri` (protocol.md 1.9), `acr_values` and `max_age` (7.2 d). */
export interface PermissionRequest {
  readonly resourceId: string;
  readonly scopes: readonly string[];
  readonly resourceUri?: string | undefined;
  /** What the RS itself wants of the sign-in. */
  readonly assurance?: Assurance | undefined;
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
  return items.map((item) => ({
    resourceId: item.resource_id,
    scopes: [...new Set(item.resource_scopes)],
    resourceUri: item.resource_uri,
    ...readAssurance(item),
  }));
}

function readAssurance({ acr_values, max_age }: z.infer<typeof permission>): { readonly assurance?: Assurance } {
  if (acr_values === undefined && max_age === undefined) return {};
  return { assurance: { acrValues: acr_values?.split(' '), maxAgeSeconds: max_age } };
}
