import { invalidGrant, invalidScope } from '../errors/refusals.ts';
import type { AuthenticatedClient } from '../model/client-registration.ts';
import type { ClientId, Issuer, TokenId } from '../model/ids.ts';
import type { Permission } from '../model/permission.ts';
import type { ClientRegistry } from '../ports/client-registry.ts';
import type { GrantLedger } from '../ports/grant-ledger.ts';
import type { RefreshableGrant, RefreshTokenStore } from '../ports/refresh-token-store.ts';
import type { MintDependencies } from '../tokens/mint-dependencies.ts';
import { hashOpaqueToken, mintOpaqueToken, OPAQUE_TOKEN_PREFIXES } from '../tokens/opaque-token.ts';
import { mintRequestingPartyToken } from '../tokens/requesting-party-token.ts';
import { isTrustedIdentity } from './trust-policy.ts';
import type { TrustPolicy } from './trust-policy.ts';

/** What refreshing needs. */
export interface RptRefreshing extends MintDependencies {
  readonly issuer: Issuer;
  readonly refreshTokens: RefreshTokenStore;
  readonly grants: GrantLedger;
  readonly clients: ClientRegistry;
  readonly rptLifetimeSeconds: number;
  /** Whose word is taken for whom, as policy is now (D5): that is no assessment of what the owner permits. */
  readonly identityTrust: TrustPolicy;
}

/** A refreshed RPT and the next refresh token. */
export interface RefreshedRpt {
  readonly rpt: string;
  readonly expiresIn: number;
  readonly tokenType: 'Bearer' | 'DPoP';
  readonly resource: string;
  readonly refreshToken: string;
}

/**
 * Refreshes an RPT without any authorization assessment (UMA Grant 3.6: "MUST NOT perform an authorization assessment"; RFC 6749 6).
 * The refresh token is used up and replaced; what it stands for is dead as soon as a share that it rests on is (G67, A23).
 * @param request the token, the client, its proven key, and scopes to narrow the permissions to (none: all of them)
 * @throws ProtocolError `invalid_grant` for a token that is unknown, used, expired, of another client or key, whose shares are gone, or whose
 *   person's domain is not trusted any more;
 *   `invalid_scope` for a scope that none of its permissions has; the token stays good then
 */
export async function refreshRpt(
  request: { readonly refreshToken: string; readonly client: AuthenticatedClient; readonly thumbprint?: string | undefined; readonly scopes: readonly string[] },
  deps: RptRefreshing,
): Promise<RefreshedRpt> {
  const { clientId } = request.client.registration;
  const now = deps.clock.now();
  const next = await mintOpaqueToken(OPAQUE_TOKEN_PREFIXES.rptRefresh, deps);
  const tokenHash = await hashOpaqueToken(request.refreshToken, deps.sha256);
  // What is not granted is refused before the token is used up: the client may ask again for less.
  const known = request.scopes.length === 0 ? undefined : await deps.refreshTokens.find(tokenHash, clientId, now);
  if (known !== undefined) narrow(known.permissions, request.scopes);
  const use = { tokenHash, nextTokenHash: next.hash, clientId, thumbprint: request.thumbprint, now };
  const grant = await deps.refreshTokens.rotate(use);
  if (grant === undefined) throw invalidGrant('refresh_token_not_good');
  // A token from before issuers were kept rests on the trust in its domain alone.
  if (!isTrustedIdentity({ email: grant.requestingParty, issuer: grant.issuer ?? ('' as Issuer) }, deps.identityTrust)) throw invalidGrant('domain_not_trusted');
  const audience = (await deps.clients.find(grant.resourceServer))?.resourceServer?.identifier;
  if (audience === undefined) throw invalidGrant('resource_server_gone');
  const permissions = narrow(grant.permissions, request.scopes);
  const minted = await mintRequestingPartyToken(
    {
      issuer: deps.issuer,
      audience,
      subject: grant.requestingParty,
      clientId,
      permissions,
      acr: grant.acr,
      authTime: grant.authTime,
      confirmationThumbprint: request.thumbprint,
      lifetimeSeconds: Math.min(deps.rptLifetimeSeconds, grant.expiresAt - now),
    },
    deps,
  );
  const recorded = await deps.grants.record(toRecord(grant, permissions, { clientId, issuer: deps.issuer, now, ...minted }));
  if (recorded !== 'recorded') throw invalidGrant('share_withdrawn');
  return {
    rpt: minted.token,
    expiresIn: minted.expiresAt - now,
    tokenType: request.thumbprint === undefined ? 'Bearer' : 'DPoP',
    resource: audience,
    refreshToken: next.token,
  };
}

function toRecord(
  { id, resourceServer, owner, requestingParty, shares }: RefreshableGrant,
  permissions: readonly Permission[],
  { issuer, clientId, tokenId, now, expiresAt }: { issuer: Issuer; clientId: ClientId; tokenId: TokenId; now: number; expiresAt: number },
) {
  // No ticket was redeemed for it: the RPT stands in its own place.
  return { issuer, tokenId, ticketId: tokenId, clientId, resourceServer, owner, requestingParty, permissions, shares, issuedAt: now, expiresAt, refreshId: id };
}

/** RFC 6749 6: "MUST NOT include any scope not originally granted"; G45: each permission keeps the scopes that are asked for. */
function narrow(permissions: readonly Permission[], scopes: readonly string[]): readonly Permission[] {
  if (scopes.length === 0) return permissions;
  const original = new Set(permissions.flatMap((permission) => permission.scopes));
  if (!scopes.every((scope) => original.has(scope))) throw invalidScope('scope_not_granted_originally');
  return permissions
    .map(({ resourceId, scopes: granted }) => ({ resourceId, scopes: granted.filter((scope) => scopes.includes(scope)) }))
    .filter((permission) => permission.scopes.length > 0);
}
