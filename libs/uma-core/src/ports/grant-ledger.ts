import type { ClientId, Issuer, ShareId, TokenId } from '../model/ids.ts';
import type { Permission } from '../model/permission.ts';
import type { PersistedClaims } from './persisted-claims-store.ts';
import type { RefreshableGrant } from './refresh-token-store.ts';

/** What is remembered of an RPT. Times are NumericDates. */
export interface GrantRecord {
  readonly issuer: Issuer;
  readonly tokenId: TokenId;
  /** `jti` of the ticket it was given for. */
  readonly ticketId: TokenId;
  readonly clientId: ClientId;
  readonly resourceServer: ClientId;
  readonly owner: string;
  /** Canonical e-mail address of the requesting party; absent when nobody said who they are. */
  readonly requestingParty?: string | undefined;
  readonly permissions: readonly Permission[];
  /** The shares that the grant rests on. */
  readonly shares: readonly ShareId[];
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** `RefreshableGrant.id` when it came of a refresh token. */
  readonly refreshId?: string | undefined;
}

/** What is recorded together with a grant. */
export interface GrantCompanions {
  /** Takes the place of what was remembered of this person for this client and key. */
  readonly persistedClaims?: PersistedClaims | undefined;
  readonly refreshToken?: RefreshableGrant | undefined;
  /** The RPT whose permissions the new one carries on: it ends (UMA Grant 3.3.5.1; G31). */
  readonly supersedes?: TokenId | undefined;
}

/** The identity claims token a grant consumes; single use by (issuer, jti). */
export interface ConsumedClaimsToken {
  readonly issuer: Issuer;
  readonly tokenId: TokenId;
  readonly expiresAt: number;
}

/** Records grants: single use of claims tokens, issued RPTs and the audit entry, all or nothing. */
export interface GrantLedger {
  /**
   * One transaction: consumes the claims token (when there is one), records the RPT with its companions and appends the audit entry.
   * Nothing is written unless every share in `shares` still exists, and the refresh token that the grant came of (`refreshId` without a
   * `refreshToken` of its own): what is removed meanwhile grants nothing.
   * @returns `recorded`, `claims_token_used` when (issuer, jti) was consumed before, or `share_withdrawn` (also for an ended refresh token); in the latter cases nothing is written
   * @throws ProtocolError 503 when the store does not answer within its deadline
   */
  record(grant: GrantRecord, claimsToken?: ConsumedClaimsToken, companions?: GrantCompanions): Promise<'recorded' | 'claims_token_used' | 'share_withdrawn'>;
  /**
   * Consumes a claims token for an answer that is no grant (need_info keeps its claims in the process).
   * @returns whether this caller was the first
   */
  consumeClaimsToken(claimsToken: ConsumedClaimsToken): Promise<boolean>;
  /** Whether the RPT was recorded, is not expired at `now` (NumericDate) and was not revoked, by itself or with its share. */
  isActive(issuer: Issuer, tokenId: TokenId, now: number): Promise<boolean>;
  /**
   * Ends an RPT before its time (RFC 7009 2).
   * @param now NumericDate
   * @returns false when there is no such live RPT
   */
  revoke(issuer: Issuer, tokenId: TokenId, now: number): Promise<boolean>;
}
