import { invalidRequest, invalidScope } from '../../errors/refusals.ts';
import { ProtocolError } from '../../errors/protocol-error.ts';
import { TokenFault } from '../../errors/token-fault.ts';
import type { AuthenticatedClient, ResourceServerRegistration } from '../../model/client-registration.ts';
import type { IdentityClaims } from '../../model/identity-claims.ts';
import type { ClientId, TokenId } from '../../model/ids.ts';
import type { Permission } from '../../model/permission.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSearch } from '../../ports/resource-search.ts';
import { encodeBase64Url } from '../../tokens/base64url.ts';
import { assessAuthorization, type Assessment } from '../../use-cases/assess-authorization.ts';
import type { GrantBasis, GrantedPermissions, PermissionGranting } from '../../use-cases/grant-permissions.ts';
import { grantUpgraded, readPreviousRpt, type RptUpgrading } from '../../use-cases/previous-rpt.ts';
import { findByUri } from './find-by-uri.ts';
import type { KeycloakPermission, KeycloakResponseMode, KeycloakTokenRequest } from './keycloak-token-request.ts';

/** What assessing without a ticket needs. */
export interface DirectAssessing extends PermissionGranting, RptUpgrading {
  readonly resourceSearch: ResourceSearch;
  /** D8: give what is granted when not everything that was named is. */
  readonly partialGrants: boolean;
}

/** A request without a ticket, after client authentication. */
export interface DirectRequest extends Pick<KeycloakTokenRequest, 'permissions' | 'by' | 'scopes' | 'permissionsLimit' | 'rpt'> {
  readonly responseMode: KeycloakResponseMode;
  readonly resourceServer: { readonly clientId: ClientId; readonly registration: ResourceServerRegistration };
  readonly client: AuthenticatedClient;
  readonly thumbprint?: string | undefined;
  /** Absent when the client asks for itself. */
  readonly identity?: IdentityClaims | undefined;
}

/** The answers. `resources` are those that the permissions are for; `upgraded`: the permissions of the `rpt` that was sent are in the new one. */
export type DirectOutcome =
  | { readonly outcome: 'granted'; readonly grant: GrantedPermissions & { readonly upgraded: boolean } }
  | { readonly outcome: 'assessed'; readonly permissions: readonly Permission[]; readonly resources: readonly Resource[] }
  | { readonly outcome: 'denied'; readonly reason: string };

/** Resources that one request is assessed for, at most. */
const MOST_RESOURCES = 100;

/** A resource that is asked for. */
interface Wanted {
  readonly resource: Resource;
  /** Scopes that the request names; empty asks for all that the resource has. */
  readonly named: readonly string[];
  /** The scopes that the request names beside the resource, without which it is not granted as a whole; undefined where it asks for whatever there is. */
  readonly required: readonly string[] | undefined;
}

/**
 * Assesses a request that names resources instead of bringing a ticket (Keycloak's `permission` and `audience`): what the owners' shares permit
 * to this person, by the same assessment and the same grant as with a ticket. Every resource is one that the named resource server registered.
 * A decision or a list of permissions gives nothing out, so it writes nothing; an RPT is recorded. A decision is about all that is named.
 * @throws ProtocolError 400 `invalid_grant` for an `rpt` of another client, person or RS (A21), `invalid_resource` for a resource that is not registered, `invalid_scope` for a scope that it does not have or that the
 *   client may not ask for, `invalid_request` when the RPT would span two owners (UMA Grant 1.2) or more than a token holds; 503
 */
export async function assessDirectly(request: DirectRequest, deps: DirectAssessing): Promise<DirectOutcome> {
  const wanted = await findWanted(request, deps);
  if (wanted.length === 0) return { outcome: 'denied', reason: 'nothing_shared' };
  const resources = wanted.map(({ resource }) => resource);
  const assessment = await assess(request, wanted, deps);
  const granted = new Map(assessment.granted.map(({ resourceId, scopes }) => [resourceId, scopes]));
  const isComplete = wanted.every(({ resource, required }) => required === undefined || (granted.has(resource.id) && required.every((scope) => granted.get(resource.id)?.includes(scope))));
  // `{result: true}` cannot say of which part it is true.
  const mayBePartial = deps.partialGrants && request.responseMode !== 'decision';
  if (assessment.granted.length === 0 || !(isComplete || mayBePartial)) {
    return { outcome: 'denied', reason: `policy_${assessment.reasons.at(-1)?.reason ?? 'no_share'}` };
  }
  if (request.responseMode !== 'token') return { outcome: 'assessed', permissions: assessment.granted, resources };
  return grant(request, resources.filter(({ id }) => granted.has(id)), assessment, deps);
}

async function findWanted(request: DirectRequest, deps: DirectAssessing): Promise<readonly Wanted[]> {
  const lists = request.permissions.length === 0 ? [await everything(request, [], deps)] : await Promise.all(request.permissions.map((permission) => find(permission, request, deps)));
  const merged = new Map<string, Wanted>();
  for (const each of lists.flat()) {
    const known = merged.get(each.resource.id);
    merged.set(each.resource.id, known === undefined ? each : { ...each, named: unionOf(known.named, each.named), required: known.required === undefined ? each.required : [...known.required, ...(each.required ?? [])] });
  }
  const limit = request.responseMode === 'decision' ? undefined : request.permissionsLimit;
  return [...merged.values()].slice(0, Math.min(limit ?? MOST_RESOURCES, MOST_RESOURCES));
}

/** Two requests for one resource: to name no scopes is to ask for all of them. */
function unionOf(left: readonly string[], right: readonly string[]): readonly string[] {
  return left.length === 0 || right.length === 0 ? [] : [...new Set([...left, ...right])];
}

async function find({ resource: reference, scopes }: KeycloakPermission, request: DirectRequest, deps: DirectAssessing): Promise<readonly Wanted[]> {
  if (reference === undefined) return everything(request, scopes, deps);
  const found = await referenced(reference, request, deps);
  if (found.length === 0) throw invalidResource('resource_unknown');
  const able = found.filter((resource) => scopes.every((scope) => resource.scopes.includes(scope)));
  if (able.length === 0) throw invalidScope('scope_not_registered');
  return able.map((resource) => ({ resource, named: scopes, required: scopes }));
}

/** By id or name, or by URI; every text is compared whole (F33, A27). A name that several resources have means those shared with the person. */
async function referenced(reference: string, request: DirectRequest, deps: DirectAssessing): Promise<readonly Resource[]> {
  const { by, resourceServer, identity } = request;
  const page = { offset: 0, limit: MOST_RESOURCES };
  if (by !== 'id') return findByUri(reference, { wildcards: by === 'matching-uri' }, resourceServer, { search: deps.resourceSearch });
  const byId = await deps.resourceSearch.search(resourceServer.clientId, { id: reference }, page);
  if (byId.length > 0) return byId;
  const byName = await deps.resourceSearch.search(resourceServer.clientId, { name: reference }, page);
  if (byName.length <= 1) return byName;
  const shared = await deps.resourceSearch.search(resourceServer.clientId, { name: reference, sharedWith: { email: identity?.email } }, page);
  return shared.length > 0 ? shared : byName.slice(0, 1);
}

async function everything({ resourceServer, identity }: DirectRequest, scopes: readonly string[], deps: DirectAssessing): Promise<readonly Wanted[]> {
  const lists = await Promise.all(
    (scopes.length === 0 ? [undefined] : scopes).map(async (scope) => {
      const criteria = { scope, sharedWith: { email: identity?.email } };
      const found = await deps.resourceSearch.search(resourceServer.clientId, criteria, { offset: 0, limit: MOST_RESOURCES });
      return found.map((resource): Wanted => ({ resource, named: scope === undefined ? [] : [scope], required: undefined }));
    }),
  );
  return lists.flat();
}

async function assess(request: DirectRequest, wanted: readonly Wanted[], deps: DirectAssessing): Promise<Assessment> {
  const owners = new Map(wanted.map(({ resource }) => [resource.id, resource.owner]));
  const shares = await deps.shares.findByResources([...owners.keys()]);
  return assessAuthorization({
    permissions: wanted.map(({ resource, named }) => ({ resourceId: resource.id, scopes: named.length === 0 ? resource.scopes : named })),
    resources: wanted.map(({ resource }) => resource),
    shares: shares.filter((share) => owners.get(share.resourceId) === share.owner),
    client: request.client.registration,
    requestedScopes: request.scopes,
    identity: request.identity,
    now: deps.clock.now(),
  });
}

async function grant(request: DirectRequest, resources: readonly Resource[], assessment: Assessment, deps: DirectAssessing): Promise<DirectOutcome> {
  const [first, ...others] = resources;
  if (first === undefined) return { outcome: 'denied', reason: 'policy_no_share' };
  // UMA Grant 1.2: an RPT is "unique to" one resource owner.
  if (others.some(({ owner }) => owner !== first.owner)) throw invalidRequest('several_owners');
  const { client, identity, resourceServer, thumbprint } = request;
  const previous = await readPreviousRpt(request, { resourceServer: resourceServer.registration, identity }, deps);
  // There is no ticket that could be used twice; the ledger wants a name that no other grant has.
  const ticketId = `direct-${encodeBase64Url(deps.randomness.bytes(16))}` as TokenId;
  const { granted: permissions, shares, sharesEnd } = assessment;
  const basis: GrantBasis = { permissions, shares, sharesEnd, owner: first.owner, resourceServer, client, thumbprint, ticketId, identity };
  try {
    const { granted, upgraded } = await grantUpgraded(previous, basis, deps);
    if (typeof granted === 'string') return { outcome: 'denied', reason: granted };
    return { outcome: 'granted', grant: { ...granted, upgraded } };
  } catch (error) {
    if (error instanceof TokenFault && error.reason === 'too_large') throw invalidRequest('permissions_too_many_for_a_token');
    throw error;
  }
}

/** Keycloak's name for what Federated Authorization 4.3 calls `invalid_resource_id`. */
function invalidResource(reason: string): ProtocolError {
  return new ProtocolError({ error: 'invalid_resource', status: 400, reason, description: 'A resource is not registered.' });
}
