import { invalidGrant } from '../errors/refusals.ts';
import { TokenFault } from '../errors/token-fault.ts';
import type { AuthenticatedClient, ResourceServerRegistration } from '../model/client-registration.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { ClientId, Issuer, ResourceId, ShareId, TokenId } from '../model/ids.ts';
import type { Permission } from '../model/permission.ts';
import type { GrantLedger } from '../ports/grant-ledger.ts';
import type { ResourceRegistry } from '../ports/resource-registry.ts';
import type { ShareStore } from '../ports/share-store.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import type { VerifyDependencies } from '../tokens/mint-dependencies.ts';
import { readOwnRequestingPartyToken, type RequestingPartyToken } from '../tokens/requesting-party-token.ts';
import { assessAuthorization } from './assess-authorization.ts';

/** An RPT that was sent to be upgraded, and that may be. */
export type PreviousRpt = RequestingPartyToken;

/** What a grant rests on, as far as upgrading goes. */
export interface CarriedBasis {
  readonly permissions: readonly Permission[];
  readonly shares: readonly ShareId[];
  readonly sharesEnd?: number | undefined;
}

/** What upgrading needs. */
export interface RptUpgrading extends VerifyDependencies {
  readonly issuer: Issuer;
  readonly keys: VerificationKeys;
  readonly grants: GrantLedger;
  readonly resources: ResourceRegistry;
  readonly shares: ShareStore;
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
): Promise<PreviousRpt | undefined> {
  if (request.rpt === undefined) return undefined;
  const rpt = await read(request.rpt, deps);
  if (rpt === undefined) return undefined;
  const { clientId } = request.client.registration;
  if (rpt.clientId !== clientId) throw invalidGrant('rpt_of_another_client');
  if (rpt.audience !== expected.resourceServer.identifier) throw invalidGrant('rpt_for_another_resource_server');
  // An RPT that is about nobody but the client is not another person's; `carryOn` leaves it as it is.
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
 * The permissions of a previous RPT, assessed again for the same person: nothing that the owner has taken back comes to life by it.
 * @param to what the new RPT is for: one owner and one RS (UMA Grant 1.2)
 * @returns undefined when they cannot all be carried on: another owner's, revoked, or not permitted any more. The previous RPT then stays as it is.
 */
export async function carryOn(
  previous: PreviousRpt,
  to: { readonly client: AuthenticatedClient; readonly identity: IdentityClaims | undefined; readonly owner: string; readonly resourceServer: ClientId },
  deps: RptUpgrading,
): Promise<{ with(own: CarriedBasis): CarriedBasis & { readonly supersedes: TokenId } } | undefined> {
  const now = deps.clock.now();
  // One that has expired cannot be asked about any more; the shares decide either way.
  if (previous.subject !== (to.identity?.email ?? to.client.registration.clientId)) return undefined;
  if (previous.expiresAt > now && !(await deps.grants.isActive(previous.issuer, previous.tokenId, now))) return undefined;
  const { permissions } = previous;
  const ids = permissions.map(({ resourceId }) => resourceId);
  const [resources, shares] = await Promise.all([deps.resources.findAll(ids), deps.shares.findByResources(ids)]);
  const isOfOwner = (resource: { owner: string; resourceServer: ClientId }) => resource.owner === to.owner && resource.resourceServer === to.resourceServer;
  if (resources.length !== new Set(ids).size || !resources.every(isOfOwner)) return undefined;
  const facts = { permissions, resources, shares: shares.filter(({ owner }) => owner === to.owner), client: to.client.registration, requestedScopes: [] };
  const assessment = assessAuthorization({ ...facts, identity: to.identity, now });
  // A scope that its RS does not know any more drops out of the assessment: it is not carried on.
  const granted = new Map(assessment.granted.map((permission) => [permission.resourceId, permission.scopes]));
  const isWhole = permissions.every(({ resourceId, scopes }) => scopes.every((scope) => granted.get(resourceId)?.includes(scope)));
  if (!assessment.complete || !isWhole) return undefined;
  return {
    with: (own) => ({
      permissions: union(own.permissions, assessment.granted),
      shares: [...new Set([...own.shares, ...assessment.shares])],
      sharesEnd: earliest(own.sharesEnd, assessment.sharesEnd),
      supersedes: previous.tokenId,
    }),
  };
}

function union(...lists: readonly (readonly Permission[])[]): readonly Permission[] {
  const byResource = new Map<ResourceId, Set<string>>();
  for (const { resourceId, scopes } of lists.flat()) byResource.set(resourceId, new Set([...(byResource.get(resourceId) ?? []), ...scopes]));
  return [...byResource].map(([resourceId, scopes]) => ({ resourceId, scopes: [...scopes] }));
}

function earliest(...ends: readonly (number | undefined)[]): number | undefined {
  const known = ends.filter((end) => end !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
