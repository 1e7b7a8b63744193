import { invalidRequest, unsupportedTokenType } from '../errors/refusals.ts';
import { TokenFault } from '../errors/token-fault.ts';
import type { ClientId, Issuer } from '../model/ids.ts';
import type { GrantLedger } from '../ports/grant-ledger.ts';
import type { PersistedClaimsStore } from '../ports/persisted-claims-store.ts';
import type { ProtectionRefreshTokens } from '../ports/protection-refresh-tokens.ts';
import type { RefreshTokenStore } from '../ports/refresh-token-store.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import type { VerifyDependencies } from '../tokens/mint-dependencies.ts';
import { hashOpaqueToken, OPAQUE_TOKEN_PREFIXES } from '../tokens/opaque-token.ts';
import { verifyAccessToken } from '../tokens/protection-api-token.ts';
import { readOwnRequestingPartyToken, type RequestingPartyToken } from '../tokens/requesting-party-token.ts';

/** What revoking needs. */
export interface TokenRevocation extends VerifyDependencies {
  readonly issuer: Issuer;
  readonly keys: VerificationKeys;
  readonly grants: GrantLedger;
  readonly persistedClaims: PersistedClaimsStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly protectionRefreshTokens: ProtectionRefreshTokens;
}

/**
 * Revokes an RPT, a persisted claims token or a refresh token (of an RPT, or of PATs) on its client's word (RFC 7009 2; UMA Grant 3.7). A hint is not needed: each kind says what it is.
 * @param clientId of the authenticated client
 * @throws ProtocolError `invalid_request` for a token of another client (RFC 7009 2.1: "the request is refused"), `unsupported_token_type` for an
 *   access token of this server that no ledger knows, and for an RPT of UMA 1.0. Unknown, expired and revoked tokens are no error (2.2).
 */
export async function revokeToken(token: string, clientId: ClientId, deps: TokenRevocation): Promise<void> {
  if ((await revoke(token, clientId, deps)) === 'another_client') throw invalidRequest('token_of_another_client');
}

async function revoke(token: string, clientId: ClientId, deps: TokenRevocation): Promise<'revoked' | 'another_client' | 'unknown'> {
  const now = deps.clock.now();
  if (token.startsWith(OPAQUE_TOKEN_PREFIXES.persistedClaims)) return deps.persistedClaims.revoke(await hashOpaqueToken(token, deps.sha256), clientId);
  if (token.startsWith(OPAQUE_TOKEN_PREFIXES.rptRefresh)) return deps.refreshTokens.revoke(await hashOpaqueToken(token, deps.sha256), clientId, now);
  if (token.startsWith(OPAQUE_TOKEN_PREFIXES.protectionRefresh)) return deps.protectionRefreshTokens.revoke(await hashOpaqueToken(token, deps.sha256), clientId);
  // RFC 7009 2.2.1: nothing here ends one, so nobody is told that it has ended.
  if (token.startsWith(OPAQUE_TOKEN_PREFIXES.uma1)) throw unsupportedTokenType('uma_1_token');
  const rpt = await readRpt(token, deps);
  if (rpt === undefined) return 'unknown';
  if (rpt.clientId !== clientId) return 'another_client';
  return (await deps.grants.revoke(deps.issuer, rpt.tokenId, now)) ? 'revoked' : 'unknown';
}

async function readRpt(token: string, deps: TokenRevocation): Promise<RequestingPartyToken | undefined> {
  try {
    return await readOwnRequestingPartyToken(token, deps, deps);
  } catch (error) {
    if (!(error instanceof TokenFault)) throw error;
    await refuseAccessToken(token, deps);
    return undefined;
  }
}

/** RFC 7009 2.2.1: a PAT lives by its signature alone, so it cannot be ended before its time. */
async function refuseAccessToken(token: string, deps: TokenRevocation): Promise<void> {
  try {
    await verifyAccessToken(token, { issuer: deps.issuer, audience: deps.issuer, keys: deps.keys }, deps);
  } catch (error) {
    if (error instanceof TokenFault) return;
    throw error;
  }
  throw unsupportedTokenType('access_token_without_ledger');
}
