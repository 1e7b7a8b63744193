import { TokenFault } from '../errors/token-fault.ts';
import type { AuthenticatedClient } from '../model/client-registration.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { GrantLedger } from '../ports/grant-ledger.ts';
import type { ResourceRegistry } from '../ports/resource-registry.ts';
import type { ShareStore } from '../ports/share-store.ts';
import type { TicketProcess } from '../tokens/permission-ticket.ts';
import { mintRequestingPartyToken } from '../tokens/requesting-party-token.ts';
import type { NeededClaim } from '../policy/evaluate.ts';
import type { UmaTokenRequest } from '../wire/uma-token-request.ts';
import type { Assessment } from './assess-authorization.ts';
import { assessTicket } from './assess-ticket.ts';
import { establishIdentity, type IdentityEstablishing } from './establish-identity.ts';
import { issueTicketPair, type TicketIssuing, type TicketPair } from './request-permission.ts';
import { takeTicket, type TakenTicket, type TicketTaking } from './take-ticket.ts';

/** What redeeming a ticket needs. */
export interface TicketRedemption extends TicketTaking, TicketIssuing, IdentityEstablishing {
  readonly resources: ResourceRegistry;
  readonly shares: ShareStore;
  readonly grants: GrantLedger;
  readonly rptLifetimeSeconds: number;
  /** D8: give what is granted when not everything is. */
  readonly partialGrants: boolean;
  /** Absolute end of a process, counted from its first answer (section 2.7). */
  readonly processLifetimeSeconds: number;
  /** Answers that ask for more before the process is ended. */
  readonly maxRounds: number;
}

/** The answers of the uma-ticket grant (UMA Grant 3.3.5, 3.3.6). `reason` is for the log. */
export type Redemption =
  | {
      readonly outcome: 'granted';
      readonly rpt: string;
      readonly expiresIn: number;
      readonly tokenType: 'Bearer' | 'DPoP';
      /** The RS the RPT is for (protocol.md 1.9). */
      readonly resource: string;
      readonly complete: boolean;
    }
  | { readonly outcome: 'need_info'; readonly tickets: TicketPair; readonly needed: readonly NeededClaim[]; readonly reason: string }
  | { readonly outcome: 'request_denied'; readonly reason: string };

/** A uma-ticket request after client authentication. */
export interface RedemptionRequest extends UmaTokenRequest {
  readonly client: AuthenticatedClient;
  /** RFC 7638 thumbprint of the DPoP key proven with the request, if any. */
  readonly thumbprint?: string | undefined;
}

/**
 * Redeems a permission ticket (UMA Grant 3.3; seed 003 steps 7 and 8). The ticket is used up first, whatever comes after.
 * @returns the answer: an RPT, a new ticket with what is needed, or the end of the process
 * @throws ProtocolError `invalid_grant`, `invalid_target` or `invalid_scope` as `takeTicket` and `assessAuthorization` say; 503 when a store does not answer
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

async function answer(request: RedemptionRequest, taken: TakenTicket, deps: TicketRedemption): Promise<Redemption> {
  const presenter = { ticket: taken.ticket, client: request.client, thumbprint: request.thumbprint };
  const pushed = request.claimToken === undefined ? undefined : await establishIdentity(request.claimToken, presenter, deps);
  if (pushed?.outcome === 'refused') return { outcome: 'request_denied', reason: pushed.reason };
  if (pushed?.outcome === 'curable') return askForMore(request, taken, { needed: [{ kind: 'identity' }], reason: pushed.reason }, deps);
  const fresh = pushed?.identity;
  const identity = fresh ?? taken.ticket.context.process?.identity;
  const assessment = await assessTicket(taken.ticket, { client: request.client.registration, requestedScopes: request.scopes, identity }, deps);
  if (identity !== undefined && assessment.granted.length > 0 && (assessment.complete || deps.partialGrants)) {
    return grant(request, taken, { assessment, identity, consumed: fresh }, deps);
  }
  if (fresh !== undefined && !(await deps.grants.consumeClaimsToken(fresh))) return { outcome: 'request_denied', reason: 'claim_token_used' };
  if (assessment.needed.length === 0) return { outcome: 'request_denied', reason: deniedReason(assessment) };
  return askForMore(request, taken, { needed: assessment.needed, reason: 'claims_needed', identity }, deps);
}

async function grant(
  request: RedemptionRequest,
  { ticket, resourceServer }: TakenTicket,
  basis: { assessment: Assessment; identity: IdentityClaims; consumed: IdentityClaims | undefined },
  deps: TicketRedemption,
): Promise<Redemption> {
  const { assessment, identity, consumed } = basis;
  const { clientId } = request.client.registration;
  const now = deps.clock.now();
  const lifetimeSeconds = Math.min(deps.rptLifetimeSeconds, (assessment.sharesEnd ?? Infinity) - now);
  const minted = await mintRequestingPartyToken(
    {
      issuer: deps.issuer,
      audience: resourceServer.identifier,
      subject: identity.email,
      clientId,
      permissions: assessment.granted,
      ...(identity.acr === undefined ? {} : { acr: identity.acr }),
      ...(identity.authTime === undefined ? {} : { authTime: identity.authTime }),
      ...(request.thumbprint === undefined ? {} : { confirmationThumbprint: request.thumbprint }),
      lifetimeSeconds,
    },
    deps,
  );
  // The RPT leaves this function only when the ledger has it: a grant that is not recorded was not made.
  const recorded = await deps.grants.record(
    {
      issuer: deps.issuer,
      tokenId: minted.tokenId,
      ticketId: ticket.tokenId,
      clientId,
      resourceServer: ticket.context.resourceServer,
      owner: ticket.context.owner,
      requestingParty: identity.email,
      permissions: assessment.granted,
      shares: assessment.shares,
      issuedAt: now,
      expiresAt: minted.expiresAt,
    },
    consumed,
  );
  if (recorded === 'claims_token_used') return { outcome: 'request_denied', reason: 'claim_token_used' };
  if (recorded === 'share_withdrawn') return { outcome: 'request_denied', reason: 'share_withdrawn' };
  return {
    outcome: 'granted',
    rpt: minted.token,
    expiresIn: minted.expiresAt - now,
    tokenType: request.thumbprint === undefined ? 'Bearer' : 'DPoP',
    resource: resourceServer.identifier,
    complete: assessment.complete,
  };
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
  const identity = wanted.identity ?? previous?.identity;
  const thumbprint = request.thumbprint ?? previous?.thumbprint;
  const process: TicketProcess = {
    clientId: request.client.registration.clientId,
    rounds,
    deadline: previous?.deadline ?? deps.clock.now() + deps.processLifetimeSeconds,
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(identity === undefined ? {} : { identity }),
  };
  const tickets = await issueTicketPair({ context: { ...ticket.context, process }, nonce: ticket.nonce }, deps);
  return { outcome: 'need_info', tickets, needed: wanted.needed, reason: wanted.reason };
}

function deniedReason({ reasons }: Assessment): string {
  return `policy_${reasons.at(-1)?.reason ?? 'no_share'}`;
}
