import { invalidRequest, invalidResourceId, invalidScope } from '../errors/refusals.ts';
import { TokenFault } from '../errors/token-fault.ts';
import { isWithinBaseUri } from '../model/base-uri.ts';
import type { ResourceServerRegistration } from '../model/client-registration.ts';
import type { Issuer, ResourceId } from '../model/ids.ts';
import { mergePermissions } from '../model/merge-permissions.ts';
import type { Resource } from '../model/resource.ts';
import type { ContextSealer } from '../ports/context-sealer.ts';
import type { ResourceRegistry } from '../ports/resource-registry.ts';
import { CLAIM_RULES } from '../tokens/claim-rules.ts';
import type { MintDependencies } from '../tokens/mint-dependencies.ts';
import { mintPermissionTicket, type TicketContext } from '../tokens/permission-ticket.ts';
import { mintResourceClaimsToken } from '../tokens/resource-claims-token.ts';
import type { PermissionRequest } from '../wire/permission-request.ts';
import { isOf, type ActingResourceServer } from './register-resource.ts';

/** A ticket and the resource claims token bound to it, as message 3 of the flow carries them. */
export interface TicketPair {
  readonly ticket: string;
  readonly resourceClaimsToken: string;
  /** NumericDate of the ticket's end. */
  readonly expiresAt: number;
}

/** What issuing tickets needs. */
export interface TicketIssuing extends MintDependencies {
  readonly issuer: Issuer;
  readonly sealer: ContextSealer;
  readonly ticketLifetimeSeconds: number;
}

/**
 * Gives a permission ticket for what a resource server asks (Federated Authorization 4; seed 003 steps 2 and 3). Writes nothing to any store (D2).
 * @param requests one or more permissions, all of one owner
 * @param resourceServer the RS whose PAT accompanies the request
 * @throws ProtocolError `invalid_resource_id` for an id that this RS did not register, for the owner whose PAT it is (A29), `invalid_scope` for a scope that it did not register for it,
 *   `invalid_request` when the owners differ (F22), the permissions do not fit into a ticket, or `resource_uri` lies outside the RS's base URIs (A2)
 */
export async function requestPermission(
  requests: readonly PermissionRequest[],
  resourceServer: ActingResourceServer,
  deps: TicketIssuing & { readonly resources: ResourceRegistry },
): Promise<TicketPair> {
  const ids = [...new Set(requests.map((request) => request.resourceId as ResourceId))];
  const found = await deps.resources.findAll(ids);
  const resources = new Map(found.filter((resource) => isOf(resourceServer, resource)).map((resource) => [resource.id, resource]));
  const permissions = requests.map(({ resourceId, scopes }) => {
    const resource = resources.get(resourceId as ResourceId);
    if (resource === undefined) throw invalidResourceId('resource_unknown_to_this_rs');
    if (!scopes.every((scope) => resource.scopes.includes(scope))) throw invalidScope('scope_not_registered');
    return { resourceId: resource.id, scopes };
  });
  const [first] = [...resources.values()];
  if (first === undefined) throw invalidResourceId('resource_unknown_to_this_rs');
  // Federated Authorization 4.1: the requested permissions are of one resource owner at one authorization server.
  if ([...resources.values()].some(({ owner }) => owner !== first.owner)) throw invalidRequest('several_owners');
  const context: TicketContext = {
    permissions: mergePermissions(permissions),
    resourceServer: resourceServer.clientId,
    owner: first.owner,
    resourceUri: resourceUriOf(requests, first, resourceServer.registration),
    assurance: assuranceOf(requests),
  };
  try {
    return await issueTicketPair({ context }, deps);
  } catch (error) {
    if (error instanceof TokenFault) throw invalidRequest(`ticket_${error.reason}`);
    throw error;
  }
}

/**
 * Mints a ticket and a resource claims token for it.
 * @param input the context; on rotation the constant nonce of the process (D1); another lifetime of the ticket than the usual one
 * @throws TokenFault `too_large` when the context does not fit into a token
 */
export async function issueTicketPair(input: { context: TicketContext; nonce?: string; lifetimeSeconds?: number }, deps: TicketIssuing): Promise<TicketPair> {
  const { token, nonce, expiresAt } = await mintPermissionTicket({ issuer: deps.issuer, lifetimeSeconds: deps.ticketLifetimeSeconds, ...input }, deps);
  const claimsEnd = Math.min(expiresAt, deps.clock.now() + CLAIM_RULES.resourceClaims.maxLifetimeSeconds);
  const claims = await mintResourceClaimsToken({ issuer: deps.issuer, resourceUri: input.context.resourceUri, nonce, expiresAt: claimsEnd }, deps);
  return { ticket: token, resourceClaimsToken: claims.token, expiresAt };
}

/** The requested resource's URI: what the RS says, else where the resource was registered, else the RS itself. */
function resourceUriOf(requests: readonly PermissionRequest[], resource: Resource, registration: ResourceServerRegistration): string {
  const named = [...new Set(requests.flatMap(({ resourceUri }) => (resourceUri === undefined ? [] : [resourceUri])))];
  if (named.length > 1) throw invalidRequest('several_resource_uris');
  const [uri] = named;
  if (uri === undefined) return resource.uri ?? registration.baseUris[0] ?? registration.identifier;
  if (!registration.baseUris.some((base) => isWithinBaseUri(uri, base))) throw invalidRequest('resource_uri_outside_base_uris');
  return uri;
}

/** Section 7.2 (d): what the RS wants of the sign-in is carried by the ticket; one ticket, one wish. */
function assuranceOf(requests: readonly PermissionRequest[]): TicketContext['assurance'] {
  const wishes = new Map(requests.flatMap(({ assurance }) => (assurance === undefined ? [] : [[JSON.stringify(assurance), assurance] as const])));
  if (wishes.size > 1) throw invalidRequest('several_assurances');
  return [...wishes.values()][0];
}
