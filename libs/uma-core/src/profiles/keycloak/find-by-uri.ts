import type { ResourceServerRegistration } from '../../model/client-registration.ts';
import type { ClientId } from '../../model/ids.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceCriteria, ResourceSearch } from '../../ports/resource-search.ts';
import { toAbsoluteUri } from './keycloak-resource-set.ts';
import { matchingUris } from './matching-uris.ts';

/** Resources of one URI; more are not looked at. */
const MOST = { offset: 0, limit: 100 } as const;

/**
 * Resources of a resource server by URI, as Keycloak does: those registered for the URI itself, and when there is none and `wildcards` is set,
 * those of the nearest registered `…/*` above it.
 * @param uri absolute, or a path at an origin of the resource server
 * @param criteria what they must have besides
 * @throws ProtocolError 503 when the store does not answer within its deadline
 */
export async function findByUri(
  uri: string,
  { wildcards, criteria = {} }: { readonly wildcards: boolean; readonly criteria?: ResourceCriteria },
  server: { readonly clientId: ClientId; readonly registration: ResourceServerRegistration },
  { search }: { readonly search: ResourceSearch },
): Promise<readonly Resource[]> {
  const { baseUris } = server.registration;
  const exact = await search.search(server.clientId, { ...criteria, uris: [...new Set(baseUris.map((base) => toAbsoluteUri(uri, base)))] }, MOST);
  if (exact.length > 0 || !wildcards) return exact;
  const candidates = matchingUris(uri, baseUris);
  const matched = await search.search(server.clientId, { ...criteria, uris: candidates }, MOST);
  const nearest = candidates.find((candidate) => matched.some((resource) => resource.uri === candidate));
  return matched.filter((resource) => resource.uri === nearest);
}
