import { invalidGrant, invalidTarget, tooManyRequests } from '../errors/refusals.ts';
import { TokenFault } from '../errors/token-fault.ts';
import { isSameUri } from '../model/base-uri.ts';
import type { AuthenticatedClient, ClientRegistration, ResourceServerRegistration } from '../model/client-registration.ts';
import type { ClientRegistry } from '../ports/client-registry.ts';
import type { Issuer } from '../model/ids.ts';
import type { ContextSealer } from '../ports/context-sealer.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import type { TicketLedger } from '../ports/ticket-ledger.ts';
import type { VerifyDependencies } from '../tokens/mint-dependencies.ts';
import type { OwnResources } from './own-resources.ts';
import { verifyPermissionTicket, type PermissionTicket } from '../tokens/permission-ticket.ts';

/** The interval to which impatience can double it. */
export const LONGEST_POLL_INTERVAL_SECONDS = 300;

/** A ticket that is now used up, and the resource server it was made for. */
export interface TakenTicket {
  readonly ticket: PermissionTicket;
  readonly resourceServer: ResourceServerRegistration;
}

/** What taking a ticket needs. */
export interface TicketTaking extends VerifyDependencies {
  readonly issuer: Issuer;
  readonly keys: VerificationKeys;
  readonly sealer: ContextSealer;
  readonly tickets: TicketLedger;
  readonly clients: ClientRegistry;
  /** What the authorization server protects at itself. */
  readonly ownResources?: OwnResources | undefined;
}

/**
 * Takes a permission ticket: it is used up on presentation, whatever comes after (UMA Grant 3.3.3; G58, G59).
 * @param presented the ticket, the `resource` values of the request, the authenticated client and the thumbprint of its proven DPoP key
 * @throws ProtocolError 429 for the impatient beyond measure, whose ticket stays good (A75); `invalid_grant` for a ticket that is not ours, expired, used, or bound to another client or key (A15 to A17);
 *   `invalid_target` when `resource` does not name the RS that the ticket was made for (protocol.md 1.9; A1b)
 */
export async function takeTicket(
  presented: { ticket: string; resources: readonly string[]; client: AuthenticatedClient; thumbprint: string | undefined },
  deps: TicketTaking,
): Promise<TakenTicket> {
  const ticket = await verify(presented.ticket, deps);
  const { issuer, tokenId, expiresAt } = ticket;
  assertPatience(ticket, deps.clock.now());
  if (!(await deps.tickets.take({ issuer, tokenId, expiresAt }))) throw invalidGrant('ticket_used');
  assertSameProcess(ticket, presented.client.registration, presented.thumbprint, deps.clock.now());
  const resourceServer = await resourceServerOf(ticket, deps);
  if (resourceServer === undefined) throw invalidGrant('resource_server_gone');
  assertTarget(presented.resources, resourceServer, presented.client.registration);
  return { ticket, resourceServer };
}

/** A75: who polls too fast although the interval has grown to its longest is not looked at, and keeps the ticket for later. */
function assertPatience({ context }: PermissionTicket, now: number): void {
  const { request } = context.process ?? {};
  if (request === undefined || request.intervalSeconds < LONGEST_POLL_INTERVAL_SECONDS || now >= request.pollAfter) return;
  throw tooManyRequests('polling_too_fast', request.pollAfter - now);
}

async function verify(ticket: string, deps: TicketTaking): Promise<PermissionTicket> {
  try {
    return await verifyPermissionTicket(ticket, { issuer: deps.issuer, keys: deps.keys }, deps);
  } catch (error) {
    if (error instanceof TokenFault) throw invalidGrant(`ticket_${error.reason}`);
    throw error;
  }
}

async function resourceServerOf({ context }: PermissionTicket, { clients, ownResources }: TicketTaking): Promise<ResourceServerRegistration | undefined> {
  if (ownResources !== undefined && context.resourceServer === ownResources.clientId) return ownResources.registration;
  return (await clients.find(context.resourceServer))?.resourceServer;
}

/** Section 2.7: the first valid presentation binds the process to a client and, when one was proven, to a key. */
function assertSameProcess({ context }: PermissionTicket, client: ClientRegistration, thumbprint: string | undefined, now: number): void {
  const { process } = context;
  if (process === undefined) return;
  if (process.clientId !== client.clientId) throw invalidGrant('ticket_of_another_client');
  if (process.thumbprint !== undefined && process.thumbprint !== thumbprint) throw invalidGrant('ticket_of_another_key');
  if (now > process.deadline) throw invalidGrant('process_deadline_passed');
}

function assertTarget(resources: readonly string[], server: ResourceServerRegistration, client: ClientRegistration): void {
  if (resources.length === 0 && client.requireResource) throw invalidTarget('resource_required_of_this_client');
  const own = [server.identifier, ...server.baseUris];
  if (!resources.every((resource) => own.some((uri) => isSameUri(uri, resource)))) throw invalidTarget('resource_is_not_the_tickets_rs');
}
