import type { ResourceId } from './ids.ts';
import type { Permission } from './permission.ts';

/** One permission for each resource, in the order in which they come: the union of its scopes. */
export function mergePermissions(permissions: readonly Permission[]): readonly Permission[] {
  const byResource = new Map<ResourceId, Set<string>>();
  for (const { resourceId, scopes } of permissions) byResource.set(resourceId, new Set([...(byResource.get(resourceId) ?? []), ...scopes]));
  return [...byResource].map(([resourceId, scopes]) => ({ resourceId, scopes: [...scopes] }));
}
