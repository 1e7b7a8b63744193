import type { AskedPermission, AuthorizationRequest, RequestStatus } from '../model/authorization-request.ts';
import type { AuthenticatedClient } from '../model/client-registration.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { RequestId } from '../model/ids.ts';
import type { AuthorizationRequestStore } from '../ports/authorization-request-store.ts';
import { encodeBase64Url } from '../tokens/base64url.ts';
import { CLAIM_RULES } from '../tokens/claim-rules.ts';
import type { TicketProcess } from '../tokens/permission-ticket.ts';
import type { Redemption } from './redeem-ticket.ts';
import { issueTicketPair, type TicketIssuing } from './request-permission.ts';
import { LONGEST_POLL_INTERVAL_SECONDS, type TakenTicket } from './take-ticket.ts';

/** What asking an owner needs. */
export interface OwnerAsking extends TicketIssuing {
  readonly requests: AuthorizationRequestStore;
  /** Between two polls of a patient client. */
  readonly pollIntervalSeconds: number;
  /** How long an owner has to decide, and how long a refusal is remembered; at most a day (section 2.7). */
  readonly requestLifetimeSeconds: number;
  /** How many requests of people of one issuer may wait for one owner: an issuer can make as many people as it likes. */
  readonly pendingRequestsPerIssuer: number;
}

/** Who asks for what. */
export interface OwnerQuestion extends TakenTicket {
  readonly asked: readonly AskedPermission[];
  readonly identity: IdentityClaims;
  readonly client: AuthenticatedClient;
  readonly thumbprint?: string | undefined;
}

/**
 * Puts a request before its owner, or looks whether they have decided (UMA Grant 3.3.6 request_submitted).
 * A yes is a share, which the assessment has found before this is asked.
 * @returns `request_submitted` with a ticket that outlives the polling (G62), or `request_denied`
 */
export async function askOwner(question: OwnerQuestion, deps: OwnerAsking): Promise<Redemption> {
  const now = deps.clock.now();
  const previous = question.ticket.context.process;
  const waiting = previous?.request;
  const { id, status } = waiting === undefined ? await submit(question, now, deps) : await lookUp(waiting.id, now, deps);
  if (status !== 'pending') return { outcome: 'request_denied', reason: `owner_${status}` };
  const intervalSeconds = nextInterval(waiting, now, deps);
  const deadline = waiting === undefined || previous === undefined ? now + deps.requestLifetimeSeconds : previous.deadline;
  const process: TicketProcess = {
    clientId: question.client.registration.clientId,
    rounds: previous?.rounds ?? 0,
    stepUps: previous?.stepUps,
    deadline,
    thumbprint: question.thumbprint ?? previous?.thumbprint,
    identity: question.identity,
    request: { id, intervalSeconds, pollAfter: now + intervalSeconds },
  };
  const lifetimeSeconds = Math.min(Math.max(deadline - now, 1), CLAIM_RULES.pollingPermissionTicket.maxLifetimeSeconds);
  const context = { ...question.ticket.context, process };
  const tickets = await issueTicketPair({ context, nonce: question.ticket.nonce, lifetimeSeconds }, deps);
  return { outcome: 'request_submitted', tickets, intervalSeconds, reason: waiting === undefined ? 'owner_asked' : 'owner_undecided' };
}

type Standing = { readonly id: RequestId; readonly status: RequestStatus | 'silent' | 'asked_too_much' };

async function submit({ ticket, asked, identity, client }: OwnerQuestion, now: number, deps: OwnerAsking): Promise<Standing> {
  const request: AuthorizationRequest = {
    id: `req_${encodeBase64Url(deps.randomness.bytes(16))}` as RequestId,
    owner: ticket.context.owner,
    resourceServer: ticket.context.resourceServer,
    clientId: client.registration.clientId,
    requestingParty: identity.email,
    issuer: identity.issuer,
    permissions: asked,
    status: 'pending',
    createdAt: now,
    expiresAt: now + deps.requestLifetimeSeconds,
  };
  return (await deps.requests.submit(request, deps.pendingRequestsPerIssuer)) ?? { id: request.id, status: 'asked_too_much' };
}

async function lookUp(id: RequestId, now: number, deps: OwnerAsking): Promise<Standing> {
  return { id, status: (await deps.requests.find(id, now))?.status ?? 'silent' };
}

/** A75: impatience doubles the interval; the owner's decision is untouched by it. */
function nextInterval(waiting: TicketProcess['request'], now: number, { pollIntervalSeconds }: OwnerAsking): number {
  if (waiting === undefined || now >= waiting.pollAfter) return waiting?.intervalSeconds ?? pollIntervalSeconds;
  return Math.min(waiting.intervalSeconds * 2, LONGEST_POLL_INTERVAL_SECONDS);
}
