import type { Assurance } from '../model/assurance.ts';
import type { ClientRegistration } from '../model/client-registration.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import { assuranceGaps } from '../policy/assurance-gaps.ts';
import type { NeededClaim } from '../policy/evaluate.ts';
import type { Clock } from '../ports/clock.ts';
import type { ResourceRegistry } from '../ports/resource-registry.ts';
import type { ShareStore } from '../ports/share-store.ts';
import type { TicketContext } from '../tokens/permission-ticket.ts';
import { assessAuthorization, type Assessment } from './assess-authorization.ts';

/** What assessing a ticket needs. */
export interface TicketAssessing {
  readonly resources: ResourceRegistry;
  readonly shares: ShareStore;
  readonly clock: Clock;
}

/**
 * Assesses what a ticket asks for against its owner's shares as they are now, and against what its resource server wants of the sign-in.
 * @param context the permissions of one owner at one RS; with a ticket, what it carries
 * @param request the client, the scopes that it asks for besides those of the ticket, and who the requesting party is, if that is known
 * @throws ProtocolError `invalid_scope` as `assessAuthorization` does; 503 when a store does not answer
 */
export async function assessTicket(
  { permissions, owner, resourceServer, assurance = {} }: Pick<TicketContext, 'permissions' | 'owner' | 'resourceServer' | 'assurance'>,
  request: { readonly client: ClientRegistration; readonly requestedScopes: readonly string[]; readonly identity: IdentityClaims | undefined },
  deps: TicketAssessing,
): Promise<Assessment> {
  const ids = permissions.map(({ resourceId }) => resourceId);
  const [resources, shares] = await Promise.all([deps.resources.findAll(ids), deps.shares.findByResources(ids)]);
  const assessment = assessAuthorization({
    ...request,
    permissions,
    // A resource that changed hands since the ticket was issued is not the ticketed resource any more.
    resources: resources.filter((resource) => resource.owner === owner && resource.resourceServer === resourceServer),
    shares: shares.filter((share) => share.owner === owner),
    now: deps.clock.now(),
  });
  return withAssurance(assessment, assurance, request.identity, deps.clock.now());
}

/**
 * protocol.md 7.2 (d): what the resource server wants of the sign-in is wanted besides the shares: an RPT without it would be of no use there.
 * Nothing is asked of a person whom no share would let in.
 */
function withAssurance(assessment: Assessment, assurance: Assurance, identity: IdentityClaims | undefined, now: number): Assessment {
  const isWanted = assurance.acrValues !== undefined || assurance.maxAgeSeconds !== undefined;
  if (!isWanted || (assessment.granted.length === 0 && assessment.needed.length === 0 && assessment.asked.length === 0)) return assessment;
  const gaps: readonly NeededClaim[] = identity === undefined ? [{ kind: 'identity' }] : assuranceGaps(assurance, identity, now);
  if (gaps.length === 0) return assessment;
  const needed = [...new Map([...assessment.needed, ...gaps].map((claim) => [JSON.stringify(claim), claim])).values()];
  return { ...assessment, granted: [], complete: false, asked: [], needed };
}
