import { bearerRefusal, invalidGrant } from '../../errors/refusals.ts';
import type { AuthenticatedClient } from '../../model/client-registration.ts';
import type { NeededClaim } from '../../policy/evaluate.ts';
import type { Uma1Authorization } from '../../ports/uma-1-token-store.ts';
import type { Assessment } from '../../use-cases/assess-authorization.ts';
import { askOwner, type OwnerAsking } from '../../use-cases/ask-owner.ts';
import { assessTicket, type TicketAssessing } from '../../use-cases/assess-ticket.ts';
import { takeTicket, type TakenTicket, type TicketTaking } from '../../use-cases/take-ticket.ts';
import { issueUma1Token, type Uma1TokenIssuing } from './issue-uma-1-token.ts';
import { uma1TokenHash } from './uma-1-token.ts';
import { holderOf, identityOf, type Uma1Party } from './uma-1-party.ts';
import type { Uma1Version } from './uma-1-version.ts';

/** What adding authorization data needs. */
export interface Uma1Authorizing extends TicketTaking, TicketAssessing, OwnerAsking, Uma1TokenIssuing {
  /** D8: give what is granted when not everything is. */
  readonly partialGrants: boolean;
  /** How long a permission holds. */
  readonly uma1PermissionLifetimeSeconds: number;
}

/** An authorization request whose AAT has been verified (D05 3.4.5, D07 3.4.2, V101 3.5). */
export interface Uma1AuthorizationRequest {
  readonly version: Uma1Version;
  readonly party: Uma1Party;
  /** The client that the AAT was given to. */
  readonly client: AuthenticatedClient;
  readonly ticket: string;
  /** The drafts require it; 1.0.1 makes one where there is none. */
  readonly rpt: string | undefined;
}

/** The answers. `reason` is for the log. */
export type Uma1Outcome =
  | { readonly outcome: 'authorized'; readonly rpt: string }
  | { readonly outcome: 'need_info'; readonly needed: readonly NeededClaim[]; readonly reason: string }
  /** The owner has been asked. */
  | { readonly outcome: 'submitted'; readonly reason: string }
  | { readonly outcome: 'not_authorized'; readonly reason: string };

/**
 * Adds to an RPT what a ticket asks for and the owner's shares permit. The ticket is used up first, whatever comes after (C13; L13); then the
 * assessment is the house's own, and one statement of the store adds the permissions or nothing.
 * Does not check: the AAT, whether the client may speak UMA 1.0.
 * @throws ProtocolError `invalid_grant` and `invalid_target` as `takeTicket` does; 401 `invalid_token` for an RPT that is not live, or not this
 *   client's, person's and AAT's (L12; D05 3.4.5: "an invalid, missing, or expired AAT (or RPT)"), and in the drafts for an RPT of another RS;
 *   503 when a store does not answer
 */
export async function addUma1Authorization(request: Uma1AuthorizationRequest, deps: Uma1Authorizing): Promise<Uma1Outcome> {
  const taken = await takeTicket({ ticket: request.ticket, resources: [], client: request.client, thumbprint: undefined }, deps);
  // A ticket that the uma-ticket grant has given out again belongs to that grant: to its client, key and person.
  if (taken.ticket.context.process !== undefined) throw invalidGrant('ticket_of_another_grant');
  const server = await deps.clients.find(taken.ticket.context.resourceServer);
  if (server?.dialects?.includes('uma-1') !== true) return { outcome: 'not_authorized', reason: 'resource_server_does_not_speak_uma_1' };
  const identity = identityOf(request.party, deps.issuer);
  const assessment = await assessTicket(taken.ticket.context, { client: request.client.registration, requestedScopes: [], identity }, deps);
  if (assessment.granted.length > 0 && (assessment.complete || deps.partialGrants)) return add(request, taken, assessment, deps);
  if (assessment.asked.length > 0) {
    const asked = await askOwner({ ...taken, asked: assessment.asked, identity, client: request.client }, deps);
    // The ticket of the answer is for the uma-ticket grant: here the client goes back to the resource server for another one.
    return asked.outcome === 'request_submitted' ? { outcome: 'submitted', reason: asked.reason } : { outcome: 'not_authorized', reason: 'owner_refused' };
  }
  if (assessment.needed.length > 0) return { outcome: 'need_info', needed: assessment.needed, reason: 'claims_needed' };
  return { outcome: 'not_authorized', reason: `policy_${assessment.reasons.at(-1)?.reason ?? 'no_share'}` };
}

async function add(request: Uma1AuthorizationRequest, taken: TakenTicket, assessment: Assessment, deps: Uma1Authorizing): Promise<Uma1Outcome> {
  const { rpt } = request;
  const outcome = rpt === undefined ? 'other_resource_server' : await addTo(await uma1TokenHash(rpt, deps.sha256), request, taken, assessment, deps);
  if (rpt !== undefined && outcome === 'recorded') return { outcome: 'authorized', rpt };
  if (outcome === 'share_withdrawn') return { outcome: 'not_authorized', reason: 'share_withdrawn' };
  // V101 3.5.3: the RPT that is returned "MAY be either the RPT that was in the request or a new one".
  if (outcome === 'token_unknown' || request.version !== '1.0.1') throw bearerRefusal('invalid_token', `rpt_${outcome}`);
  const made = await issueUma1Token(request.party, 'kept', deps);
  const second = await addTo(made.hash, request, taken, assessment, deps);
  return second === 'recorded' ? { outcome: 'authorized', rpt: made.token } : { outcome: 'not_authorized', reason: second };
}

async function addTo(tokenHash: string | undefined, request: Uma1AuthorizationRequest, taken: TakenTicket, assessment: Assessment, deps: Uma1Authorizing) {
  if (tokenHash === undefined) return 'token_unknown';
  const { tokenId: ticketId, context } = taken.ticket;
  const now = deps.clock.now();
  const authorization: Uma1Authorization = {
    ...holderOf(request.party),
    tokenHash,
    issuer: deps.issuer,
    ticketId,
    resourceServer: context.resourceServer,
    owner: context.owner,
    permissions: assessment.granted,
    shares: assessment.shares,
    issuedAt: now,
    expiresAt: Math.min(now + deps.uma1PermissionLifetimeSeconds, assessment.sharesEnd ?? Infinity),
  };
  return deps.uma1Tokens.authorize(authorization, now);
}
