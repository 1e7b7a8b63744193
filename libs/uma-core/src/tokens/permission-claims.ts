import { z } from 'zod';
import type { ResourceId } from '../model/ids.ts';
import type { JsonValue } from '../model/json.ts';
import type { Permission } from '../model/permission.ts';
import { CLOCK_SKEW_SECONDS } from './claim-rules.ts';
import { identifier, numericDate, scopeToken } from './claim-schemas.ts';

/** One permission as it stands in a token (UMA Federated Authorization 5.1.1). */
export const permissionClaim = z.strictObject({
  resource_id: identifier,
  resource_scopes: z.array(scopeToken).max(64),
  exp: numericDate.optional(),
  iat: numericDate.optional(),
  nbf: numericDate.optional(),
});

/** The permissions in their wire form. */
export function toPermissionClaims(permissions: readonly Permission[]): JsonValue {
  return permissions.map(({ resourceId, scopes }) => ({ resource_id: resourceId, resource_scopes: [...scopes] }));
}

/**
 * The permissions that hold now.
 * @param claims permissions of a verified token
 * @param now NumericDate; a permission's own `exp` and `nbf` are honoured with the usual skew of 60 s
 */
export function fromPermissionClaims(claims: readonly z.infer<typeof permissionClaim>[], now: number): readonly Permission[] {
  return claims
    .filter(({ exp, nbf }) => now < (exp ?? Infinity) + CLOCK_SKEW_SECONDS && now >= (nbf ?? 0) - CLOCK_SKEW_SECONDS)
    .map((claim) => ({ resourceId: claim.resource_id as ResourceId, scopes: claim.resource_scopes }));
}
