import { z } from 'zod';
import { invalidRequest } from '../../errors/refusals.ts';

const permission = z.object({
  resource_id: z.string().min(1).max(512),
  resource_scopes: z.array(z.string().min(1).max(512)).max(64).nullish(),
});
const body = z.union([permission, z.array(permission).min(1).max(32)]);

/** One permission that a Keycloak enforcer asks a ticket for. */
export interface KeycloakPermissionRequest {
  /** Id of the resource, or its name. */
  readonly resource: string;
  /** Empty for whatever scopes it has. */
  readonly scopes: readonly string[];
}

/**
 * Reads the body of a permission request in Keycloak's form. Its `claims`, with which an enforcer would tell the server facts to decide on, are
 * not read: facts come from the server and from tokens (A25, Keycloak CVE-2026-18572).
 * @throws ProtocolError `invalid_request`
 */
export function readKeycloakPermissionRequest(json: unknown): readonly KeycloakPermissionRequest[] {
  const parsed = body.safeParse(json);
  if (!parsed.success) throw invalidRequest('permission_request_malformed');
  return [parsed.data].flat().map(({ resource_id, resource_scopes }) => ({ resource: resource_id, scopes: [...new Set(resource_scopes ?? [])] }));
}
