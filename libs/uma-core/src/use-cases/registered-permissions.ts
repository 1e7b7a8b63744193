import type { Permission } from '../model/permission.ts';
import type { ResourceRegistry } from '../ports/resource-registry.ts';

/**
 * Permissions limited to what the RS has registered by now (F25): it may have taken scopes or the resource away since they were given.
 * @throws ProtocolError 503 when the store does not answer
 */
export async function registeredPermissions<Kind extends Permission>(
  permissions: readonly Kind[],
  { resources }: { readonly resources: ResourceRegistry },
): Promise<readonly Kind[]> {
  const registered = new Map((await resources.findAll(permissions.map(({ resourceId }) => resourceId))).map((resource) => [resource.id, resource.scopes]));
  return permissions.flatMap((permission) => {
    const known = registered.get(permission.resourceId);
    const left = permission.scopes.filter((scope) => known?.includes(scope));
    return known === undefined || (left.length === 0 && permission.scopes.length > 0) ? [] : [{ ...permission, scopes: left }];
  });
}
