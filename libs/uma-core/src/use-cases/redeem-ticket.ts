import { TokenFault } from '../errors/token-fault.ts';
import type { AuthenticatedClient } from '../model/client-registration.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { NeededClaim } from '../policy/evaluate.ts';
import type { PersistedClaimsStore } from '../ports/persisted-claims-store.ts';
import type { ResourceRegistry } from '../ports/resource-registry.ts';
import type { ShareStore } from '../ports/share-store.ts';
import type { TicketProcess } from '../tokens/permission-ticket.ts';
import type { RequestingPartyToken } from '../tokens/requesting-party-token.ts';
import type { UmaTokenRequest } from '../wire/uma-token-request.ts';
import { askOwner, type OwnerAsking } from './ask-owner.ts';
import type { Assessment } from './assess-authorization.ts';
import { assessTicket } from './assess-ticket.ts';
import { establishIdentity, type IdentityEstablishing } from './establish-identity.ts';
import type { GrantBasis, GrantedPermissions, PermissionGranting } from './grant-permissions.ts';
import { findPersistedIdentity } from './persisted-identity.ts';
import { grantUpgraded, readPreviousRpt } from './previous-rpt.ts';
import { issueTicketPair, type TicketIssuing, type TicketPair } from './request-permission.ts';
import { takeTicket, type TakenTicket, type TicketTaking } from './take-ticket.ts';
import { isTrustedIdentity } from './trust-policy.ts';

/** How often a process asks for a stronger or fresher sign-in: a guard against loops (protocol.md 7.2). */
const MOST_STEP_UPS = 3;

/** What redeeming a ticket needs. */
export interface TicketRedemption extends TicketTaking, TicketIssuing, IdentityEstablishing, PermissionGranting, OwnerAsking {
  readonly resources: ResourceRegistry;
  readonly shares: ShareStore;
  readonly persistedClaims: PersistedClaimsStore;
  /** D8: give what is granted when not everything is. */
  readonly partialGrants: boolean;
  /** Absolute end of a process, counted from its first answer (section 2.7). */
  readonly processLifetimeSeconds: number;
  /** Answers that ask for more before the process is ended. */
  readonly maxRounds: number;
}

/** The answers of the uma-ticket grant (UMA Grant 3.3.5, 3.3.6). `reason` is for the log. */
export type Redemption =
  | (GrantedPermissions & {
      readonly outcome: 'granted';
      readonly complete: boolean;
      /** The permissions of the `rpt` that was sent are in the new one, and that one has ended (UMA Grant 3.3.5.1). */
      readonly upgraded: boolean;
    })
  | {
      readonly outcome: 'need_info';
      readonly tickets: TicketPair;
      readonly needed: readonly NeededClaim[];
      /** Of the person who is known already: who may vouch for more. */
      readonly issuer?: string | undefined;
      readonly reason: string;
    }
  | { readonly outcome: 'request_submitted'; readonly tickets: TicketPair; readonly intervalSeconds: number; readonly reason: string }
  | { readonly outcome: 'request_denied'; readonly reason: string };

/** A uma-ticket request after client authentication. */
export interface RedemptionRequest extends UmaTokenRequest {
  readonly client: AuthenticatedClient;
  /** RFC 7638 thumbprint of the DPoP key proven with the request, if any. */
  readonly thumbprint?: string | undefined;
  /** The requesting party, when the caller has established it by other means than a claims token. */
  readonly identity?: IdentityClaims | undefined;
  /** False when the owner is not to be asked, although a share says so. */
  readonly mayAskOwner?: boolean | undefined;
}

/**
 * Redeems a permission ticket (UMA Grant 3.3; seed 003 steps 7 and 8). The ticket is used up first, whatever comes after.
 * @returns the answer: an RPT, a new ticket with what is needed or after which time to ask again, or the end of the process
 * @throws ProtocolError `invalid_grant`, `invalid_target` or `invalid_scope` as `takeTicket`, `readPreviousRpt` and `assessAuthorization` say;
 *   429 for polling too fast; 503 when a store does not answer
 */
export async function redeemTicket(request: RedemptionRequest, deps: TicketRedemption): Promise<Redemption> {
  const taken = await takeTicket({ ...request, thumbprint: request.thumbprint }, deps);
  try {
    return await answer(request, taken, deps);
  } catch (error) {
    // Claims or permissions that do not fit into a token: nothing was granted, and a further round would not make them smaller.
    if (error instanceof TokenFault && error.reason === 'too_large') return { outcome: 'request_denied', reason: 'token_too_large' };
    throw error;
  }
}

/** Whom the request is for. `fresh`: by a claims token that this request has to use up. `persisted`: by a PCT. */
interface Presented {
  readonly identity?: IdentityClaims | undefined;
  readonly fresh?: IdentityClaims | undefined;
  readonly persisted?: true;
}

async function answer(request: RedemptionRequest, taken: TakenTicket, deps: TicketRedemption): Promise<Redemption> {
  const presented = await identify(request, taken, deps);
  if ('outcome' in presented) return presented;
  const { identity, fresh } = presented;
  const previous = await readPreviousRpt(request, { ...taken, identity }, deps);
  const assessment = await assess(request, taken, identity, deps);
  if (assessment.granted.length > 0 && (assessment.complete || deps.partialGrants)) return grant(request, taken, { assessment, identity, fresh, previous }, deps);
  if (fresh !== undefined && !(await deps.grants.consumeClaimsToken(fresh))) return { outcome: 'request_denied', reason: 'claim_token_used' };
  if (identity !== undefined && assessment.asked.length > 0 && request.mayAskOwner !== false) return askOwner({ ...request, ...taken, asked: assessment.asked, identity }, deps);
  if (assessment.needed.length === 0) return { outcome: 'request_denied', reason: deniedReason(assessment) };
  // A person who is known by a PCT only may turn out to be another one: the process does not commit to them (A20).
  const known = presented.persisted === true ? {} : { identity };
  return askForMore(request, taken, { needed: assessment.needed, reason: 'claims_needed', ...known }, deps);
}

async function identify(request: RedemptionRequest, taken: TakenTicket, deps: TicketRedemption): Promise<Presented | Redemption> {
  const { client, thumbprint, claimToken } = request;
  const known = taken.ticket.context.process?.identity;
  if (claimToken !== undefined) {
    const pushed = await establishIdentity(claimToken, { ticket: taken.ticket, client, thumbprint }, deps);
    if (pushed.outcome === 'refused') return { outcome: 'request_denied', reason: pushed.reason };
    if (pushed.outcome === 'curable') return askForMore(request, taken, { needed: [{ kind: 'identity' }], reason: pushed.reason }, deps);
    return { identity: pushed.identity, fresh: pushed.identity };
  }
  if (request.identity !== undefined && known !== undefined && request.identity.email !== known.email) {
    return { outcome: 'request_denied', reason: 'requesting_party_changed' };
  }
  // The owner may take a day to decide: who was known then need not be taken at their domain's word now (D5).
  if (request.identity === undefined && known !== undefined && !isTrustedIdentity(known, deps.identityTrust)) return { outcome: 'request_denied', reason: 'domain_not_trusted' };
  const identity = request.identity ?? known;
  if (identity !== undefined) return { identity };
  // What is theirs at this server is for whom a domain vouches now, not for whoever holds a token of another resource.
  if (taken.ticket.context.resourceServer === deps.ownResources?.clientId) return {};
  const persisted = await findPersistedIdentity(request, deps);
  return persisted === undefined ? {} : { identity: persisted, persisted: true };
}

async function assess(
  request: RedemptionRequest,
  { ticket }: TakenTicket,
  identity: IdentityClaims | undefined,
  deps: TicketRedemption,
): Promise<Assessment> {
  const { permissions, resourceServer } = ticket.context;
  if (resourceServer === deps.ownResources?.clientId) return assessOwnResource(permissions, identity);
  return assessTicket(ticket.context, { client: request.client.registration, requestedScopes: request.scopes, identity }, deps);
}

/** Whoever can be identified gets at what is theirs. */
function assessOwnResource(permissions: Assessment['granted'], identity: IdentityClaims | undefined): Assessment {
  const isKnown = identity !== undefined;
  const needed: readonly NeededClaim[] = isKnown ? [] : [{ kind: 'identity' }];
  return { granted: isKnown ? permissions : [], complete: isKnown, shares: [], asked: [], needed, reasons: [] };
}

async function grant(
  request: RedemptionRequest,
  { ticket, resourceServer }: TakenTicket,
  basis: { assessment: Assessment; identity: IdentityClaims | undefined; fresh: IdentityClaims | undefined; previous: RequestingPartyToken | undefined },
  deps: TicketRedemption,
): Promise<Redemption> {
  const { assessment, identity, fresh, previous } = basis;
  const { context, tokenId } = ticket;
  const granting: GrantBasis = {
    permissions: assessment.granted,
    shares: assessment.shares,
    sharesEnd: assessment.sharesEnd,
    owner: context.owner,
    resourceServer: { clientId: context.resourceServer, registration: resourceServer },
    client: request.client,
    thumbprint: request.thumbprint,
    ticketId: tokenId,
    identity,
    consumed: fresh,
  };
  // Looking at what is remembered adds nothing to it.
  const isOwnResource = context.resourceServer === deps.ownResources?.clientId;
  const settings = isOwnResource ? { ...deps, persistedClaimsLifetimeSeconds: undefined, refreshLifetimeSeconds: undefined } : deps;
  const { granted, upgraded } = await grantUpgraded(previous, granting, settings);
  if (granted === 'claims_token_used') return { outcome: 'request_denied', reason: 'claim_token_used' };
  if (granted === 'share_withdrawn') return { outcome: 'request_denied', reason: 'share_withdrawn' };
  return { outcome: 'granted', ...granted, complete: assessment.complete, upgraded };
}

/** need_info: a new ticket of the same process (D1), bound to this client and key, with the claims accepted so far. */
async function askForMore(
  request: RedemptionRequest,
  { ticket }: TakenTicket,
  wanted: { needed: readonly NeededClaim[]; reason: string; identity?: IdentityClaims | undefined },
  deps: TicketRedemption,
): Promise<Redemption> {
  const previous = ticket.context.process;
  const rounds = (previous?.rounds ?? 0) + 1;
  if (rounds > deps.maxRounds) return { outcome: 'request_denied', reason: 'too_many_rounds' };
  const isStepUp = wanted.needed.some(({ kind }) => kind === 'acr' || kind === 'auth_time');
  const stepUps = (previous?.stepUps ?? 0) + (isStepUp ? 1 : 0);
  if (stepUps > MOST_STEP_UPS) return { outcome: 'request_denied', reason: 'too_many_step_ups' };
  const identity = wanted.identity ?? previous?.identity;
  const process: TicketProcess = {
    ...previous,
    clientId: request.client.registration.clientId,
    rounds,
    stepUps: stepUps === 0 ? undefined : stepUps,
    deadline: previous?.deadline ?? deps.clock.now() + deps.processLifetimeSeconds,
    thumbprint: request.thumbprint ?? previous?.thumbprint,
    identity,
  };
  const tickets = await issueTicketPair({ context: { ...ticket.context, process }, nonce: ticket.nonce }, deps);
  return { outcome: 'need_info', tickets, needed: wanted.needed, issuer: identity?.issuer, reason: wanted.reason };
}

function deniedReason({ reasons }: Assessment): string {
  return `policy_${reasons.at(-1)?.reason ?? 'no_share'}`;
}
