import type { ResourceId } from '../../model/ids.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Permission } from '../../model/permission.ts';
import type { Resource } from '../../model/resource.ts';

/**
 * Granted permissions as Keycloak writes them: `{rsid, rsname, scopes}`.
 * Keycloak's enforcers take a permission without `scopes` for one that has them all, so a permission without any scope is written only for a
 * resource that has none; for another it is left out.
 * @param resources the registered resources behind the permissions; a permission for one that is not among them is left out
 * @param includeName whether `rsname` is wanted
 */
export function toKeycloakPermissions(permissions: readonly Permission[], resources: readonly Resource[], includeName = true): readonly JsonObject[] {
  const registered = new Map<ResourceId, Resource>(resources.map((resource) => [resource.id, resource]));
  return permissions.flatMap(({ resourceId, scopes }) => {
    const resource = registered.get(resourceId);
    if (resource === undefined || (scopes.length === 0 && resource.scopes.length > 0)) return [];
    return [
      {
        rsid: resourceId,
        ...(includeName && resource.name !== undefined ? { rsname: resource.name } : {}),
        ...(scopes.length === 0 ? {} : { scopes: [...scopes] }),
      },
    ];
  });
}
