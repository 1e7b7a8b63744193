import type { AuthenticatedClient, ResourceServerRegistration } from '../model/client-registration.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { ClientId, Issuer, ShareId, TokenId } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { Permission } from '../model/permission.ts';
import type { GrantCompanions, GrantLedger } from '../ports/grant-ledger.ts';
import type { PersistedClaims } from '../ports/persisted-claims-store.ts';
import type { RefreshableGrant } from '../ports/refresh-token-store.ts';
import { encodeBase64Url } from '../tokens/base64url.ts';
import type { MintDependencies } from '../tokens/mint-dependencies.ts';
import { mintOpaqueToken, OPAQUE_TOKEN_PREFIXES } from '../tokens/opaque-token.ts';
import { mintRequestingPartyToken } from '../tokens/requesting-party-token.ts';
import { GRANT_TYPES } from '../wire/urns.ts';
import { ownResourceId } from './own-resources.ts';

/** What granting needs. */
export interface PermissionGranting extends MintDependencies {
  readonly issuer: Issuer;
  readonly grants: GrantLedger;
  readonly rptLifetimeSeconds: number;
  /** Of persisted claims tokens; absent: none are issued. */
  readonly persistedClaimsLifetimeSeconds?: number | undefined;
  /** Of refresh tokens; absent: none are issued (Decision D8). */
  readonly refreshLifetimeSeconds?: number | undefined;
  /** Writes the claim `authorization` of the RPT; absent: it has none. */
  readonly describeAuthorization?: ((permissions: readonly Permission[]) => Promise<JsonObject>) | undefined;
}

/** What a grant rests on. */
export interface GrantBasis {
  readonly permissions: readonly Permission[];
  readonly shares: readonly ShareId[];
  /** NumericDate of the earliest end of a share. */
  readonly sharesEnd?: number | undefined;
  readonly owner: string;
  readonly resourceServer: { readonly clientId: ClientId; readonly registration: ResourceServerRegistration };
  readonly client: AuthenticatedClient;
  /** RFC 7638 thumbprint of the DPoP key proven with the request. */
  readonly thumbprint?: string | undefined;
  /** `jti` of what is granted once: the ticket. */
  readonly ticketId: TokenId;
  /** Absent when the shares let in whoever comes. */
  readonly identity?: IdentityClaims | undefined;
  /** The claims token that the grant uses up; persisted claims are made of it only. */
  readonly consumed?: IdentityClaims | undefined;
  /** The RPT that the new one carries on. */
  readonly supersedes?: TokenId | undefined;
}

/** An RPT and what goes with it. */
export interface GrantedPermissions {
  readonly rpt: string;
  readonly expiresIn: number;
  readonly tokenType: 'Bearer' | 'DPoP';
  /** The RS the RPT is for (protocol.md 1.9). */
  readonly resource: string;
  readonly permissions: readonly Permission[];
  readonly pct?: string | undefined;
  readonly refreshToken?: string | undefined;
}

/**
 * Grants permissions: an RPT, recorded before it leaves, and with it what the settings allow (UMA Grant 3.3.5).
 * `sub` is the person's e-mail address, or the client when nobody said who they are (RFC 9068 2.2).
 * @returns the grant; or why nothing was granted: a claims token is used once, and every share has to exist still
 * @throws TokenFault `too_large`; ProtocolError `invalid_grant` when the ticket has its RPT already, 503 when the store does not answer
 */
export async function grantPermissions(basis: GrantBasis, deps: PermissionGranting): Promise<GrantedPermissions | 'claims_token_used' | 'share_withdrawn'> {
  const { identity, thumbprint, resourceServer, permissions, shares, owner } = basis;
  const { clientId } = basis.client.registration;
  const { identifier } = resourceServer.registration;
  const now = deps.clock.now();
  const minted = await mintRequestingPartyToken(
    {
      issuer: deps.issuer,
      audience: identifier,
      subject: identity?.email ?? clientId,
      clientId,
      permissions,
      acr: identity?.acr,
      authTime: identity?.authTime,
      claims: passedOn(basis),
      confirmationThumbprint: thumbprint,
      authorization: await deps.describeAuthorization?.(permissions),
      lifetimeSeconds: Math.min(deps.rptLifetimeSeconds, (basis.sharesEnd ?? Infinity) - now),
    },
    deps,
  );
  const persisted = await persistedClaims(basis, now, deps);
  const refresh = await refreshToken(basis, now, deps);
  const companions: GrantCompanions = { persistedClaims: persisted?.record, refreshToken: refresh?.record, supersedes: basis.supersedes };
  // The RPT leaves this function only when the ledger has it: a grant that is not recorded was not made.
  const recorded = await deps.grants.record(
    {
      issuer: deps.issuer,
      tokenId: minted.tokenId,
      ticketId: basis.ticketId,
      clientId,
      resourceServer: resourceServer.clientId,
      owner,
      requestingParty: identity?.email,
      permissions,
      shares,
      issuedAt: now,
      expiresAt: minted.expiresAt,
      refreshId: refresh?.record.id,
    },
    basis.consumed,
    companions,
  );
  if (recorded !== 'recorded') return recorded;
  return {
    rpt: minted.token,
    expiresIn: minted.expiresAt - now,
    tokenType: thumbprint === undefined ? 'Bearer' : 'DPoP',
    resource: identifier,
    permissions,
    pct: persisted?.token,
    refreshToken: refresh?.token,
  };
}

/** The authorization API decides for this server's own shares, later and by the token alone: there it has what the person has shown. */
function passedOn({ permissions, identity }: GrantBasis): JsonObject | undefined {
  const isForAuthorizationApi = permissions.some(({ resourceId }) => resourceId === ownResourceId('authorization-api'));
  const claims = identity?.claims ?? {};
  return isForAuthorizationApi && Object.keys(claims).length > 0 ? claims : undefined;
}

/** UMA Grant 3.3.5: a PCT for this client and person, bound to the key that the client proved (G55, G56). */
async function persistedClaims(
  { consumed, client, thumbprint }: GrantBasis,
  now: number,
  deps: PermissionGranting,
): Promise<{ readonly token: string; readonly record: PersistedClaims } | undefined> {
  if (consumed === undefined || deps.persistedClaimsLifetimeSeconds === undefined) return undefined;
  const { token, hash } = await mintOpaqueToken(OPAQUE_TOKEN_PREFIXES.persistedClaims, deps);
  const id = `pcl_${encodeBase64Url(deps.randomness.bytes(16))}`;
  const { clientId } = client.registration;
  const expiresAt = now + deps.persistedClaimsLifetimeSeconds;
  return { token, record: { id, tokenHash: hash, clientId, thumbprint, identity: consumed, createdAt: now, expiresAt } };
}

/** RFC 6749 6, RFC 9700 4.14.2: only where the token is bound, to a client that authenticates itself or to a key. */
async function refreshToken(
  { client, thumbprint, identity, resourceServer, owner, permissions, shares, sharesEnd }: GrantBasis,
  now: number,
  deps: PermissionGranting,
): Promise<{ readonly token: string; readonly record: RefreshableGrant } | undefined> {
  const { clientId, grantTypes } = client.registration;
  if (deps.refreshLifetimeSeconds === undefined || identity === undefined || !grantTypes.includes(GRANT_TYPES.refreshToken)) return undefined;
  const isPublic = client.method === 'none';
  if (isPublic && thumbprint === undefined) return undefined;
  const { token, hash } = await mintOpaqueToken(OPAQUE_TOKEN_PREFIXES.rptRefresh, deps);
  const record: RefreshableGrant = {
    id: `rfr_${encodeBase64Url(deps.randomness.bytes(16))}`,
    tokenHash: hash,
    clientId,
    thumbprint: isPublic ? thumbprint : undefined,
    resourceServer: resourceServer.clientId,
    owner,
    requestingParty: identity.email,
    issuer: identity.issuer,
    permissions,
    shares,
    acr: identity.acr,
    authTime: identity.authTime,
    expiresAt: Math.min(now + deps.refreshLifetimeSeconds, sharesEnd ?? Infinity),
  };
  return { token, record };
}
