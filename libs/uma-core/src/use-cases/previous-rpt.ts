import { invalidGrant } from '../errors/refusals.ts';
import { TokenFault } from '../errors/token-fault.ts';
import type { AuthenticatedClient, ResourceServerRegistration } from '../model/client-registration.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import { mergePermissions } from '../model/merge-permissions.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import type { VerifyDependencies } from '../tokens/mint-dependencies.ts';
import { readOwnRequestingPartyToken, type RequestingPartyToken } from '../tokens/requesting-party-token.ts';
import { assessTicket, type TicketAssessing } from './assess-ticket.ts';
import { grantPermissions, type GrantBasis, type PermissionGranting } from './grant-permissions.ts';

/** What upgrading needs. */
export interface RptUpgrading extends VerifyDependencies, PermissionGranting, TicketAssessing {
  readonly keys: VerificationKeys;
}

/**
 * Reads the `rpt` of a token request (UMA Grant 3.3.1: "an existing RPT", also an expired one).
 * @returns undefined when there is none, and for anything that is no RPT of this server, which is ignored
 * @throws ProtocolError `invalid_grant` when it was issued to another client, for another person or another RS (A21)
 */
export async function readPreviousRpt(
  request: { readonly rpt?: string | undefined; readonly client: AuthenticatedClient },
  expected: { readonly resourceServer: ResourceServerRegistration; readonly identity?: IdentityClaims | undefined },
  deps: RptUpgrading,
): Promise<RequestingPartyToken | undefined> {
  if (request.rpt === undefined) return undefined;
  const rpt = await read(request.rpt, deps);
  if (rpt === undefined) return undefined;
  const { clientId } = request.client.registration;
  if (rpt.clientId !== clientId) throw invalidGrant('rpt_of_another_client');
  if (rpt.audience !== expected.resourceServer.identifier) throw invalidGrant('rpt_for_another_resource_server');
  // An RPT that is about nobody but the client is not another person's; `grantUpgraded` leaves it as it is.
  if (expected.identity !== undefined && rpt.subject !== expected.identity.email && rpt.subject !== clientId) throw invalidGrant('rpt_of_another_requesting_party');
  return rpt;
}

async function read(token: string, deps: RptUpgrading): Promise<RequestingPartyToken | undefined> {
  try {
    return await readOwnRequestingPartyToken(token, deps, deps);
  } catch (error) {
    if (error instanceof TokenFault) return undefined;
    throw error;
  }
}

/**
 * Grants, and carries the permissions of a previous RPT on where that is possible: all of them, assessed again for the same person, so that
 * nothing comes to life that an owner has taken back (UMA Grant 3.3.5.1; G29, G31).
 * @returns the grant, as `grantPermissions` does. Not upgraded when the previous RPT is another owner's, revoked, not permitted as a whole any more,
 *   or too large together with the new permissions: it then stays as it is (G30).
 * @throws as `grantPermissions`
 */
export async function grantUpgraded(
  previous: RequestingPartyToken | undefined,
  basis: GrantBasis,
  deps: RptUpgrading,
): Promise<{ readonly granted: Awaited<ReturnType<typeof grantPermissions>>; readonly upgraded: boolean }> {
  const carried = previous && (await carryOn(previous, basis, deps));
  try {
    if (carried !== undefined) return { granted: await grantPermissions(carried, deps), upgraded: true };
  } catch (error) {
    if (!(error instanceof TokenFault && error.reason === 'too_large')) throw error;
  }
  return { granted: await grantPermissions(basis, deps), upgraded: false };
}

/** The basis with the previous permissions; undefined when they cannot all be carried on. An RPT is for one owner and one RS (UMA Grant 1.2). */
async function carryOn(previous: RequestingPartyToken, basis: GrantBasis, deps: RptUpgrading): Promise<GrantBasis | undefined> {
  const { client, identity, owner, resourceServer } = basis;
  const now = deps.clock.now();
  if (previous.subject !== (identity?.email ?? client.registration.clientId)) return undefined;
  // One that has expired cannot be asked about any more; the shares decide either way.
  if (previous.expiresAt > now && !(await deps.grants.isActive(previous.issuer, previous.tokenId, now))) return undefined;
  const { permissions } = previous;
  const request = { client: client.registration, requestedScopes: [], identity };
  const assessment = await assessTicket({ permissions, owner, resourceServer: resourceServer.clientId }, request, deps);
  // A scope that its RS does not know any more drops out of the assessment: it is not carried on.
  const granted = new Map(assessment.granted.map((permission) => [permission.resourceId, permission.scopes]));
  const isWhole = permissions.every(({ resourceId, scopes }) => scopes.every((scope) => granted.get(resourceId)?.includes(scope)));
  if (!assessment.complete || !isWhole) return undefined;
  const ends = [basis.sharesEnd, assessment.sharesEnd].filter((end) => end !== undefined);
  return {
    ...basis,
    permissions: mergePermissions([...basis.permissions, ...assessment.granted]),
    shares: [...new Set([...basis.shares, ...assessment.shares])],
    sharesEnd: ends.length === 0 ? undefined : Math.min(...ends),
    supersedes: previous.tokenId,
  };
}
