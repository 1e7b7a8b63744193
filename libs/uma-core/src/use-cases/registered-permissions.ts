import type { Permission } from '../model/permission.ts';
import type { ResourceRegistry } from '../ports/resource-registry.ts';

/**
 * Permissions limited to what the RS has registered by now (F25): it may have taken scopes or the resource away since they were given.
 * @param deps `owner`: whose resources count, when the PAT is a person's (A29)
 * @throws ProtocolError 503 when the store does not answer
 */
export async function registeredPermissions<Kind extends Permission>(
  permissions: readonly Kind[],
  { resources, owner }: { readonly resources: ResourceRegistry; readonly owner?: string | undefined },
): Promise<readonly Kind[]> {
  const found = await resources.findAll(permissions.map(({ resourceId }) => resourceId));
  const registered = new Map(found.filter((resource) => owner === undefined || resource.owner === owner).map((resource) => [resource.id, resource.scopes]));
  return permissions.flatMap((permission) => {
    const known = registered.get(permission.resourceId);
    const left = permission.scopes.filter((scope) => known?.includes(scope));
    return known === undefined || (left.length === 0 && permission.scopes.length > 0) ? [] : [{ ...permission, scopes: left }];
  });
}
