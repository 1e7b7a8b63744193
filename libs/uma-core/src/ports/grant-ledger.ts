import type { ClientId, Issuer, ShareId, TokenId } from '../model/ids.ts';
import type { Permission } from '../model/permission.ts';

/** What is remembered of an RPT. Times are NumericDates. */
export interface GrantRecord {
  readonly issuer: Issuer;
  readonly tokenId: TokenId;
  /** `jti` of the ticket it was given for. */
  readonly ticketId: TokenId;
  readonly clientId: ClientId;
  readonly resourceServer: ClientId;
  readonly owner: string;
  /** Canonical e-mail address of the requesting party. */
  readonly requestingParty: string;
  readonly permissions: readonly Permission[];
  /** The shares that the grant rests on. */
  readonly shares: readonly ShareId[];
  readonly issuedAt: number;
  readonly expiresAt: number;
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
   * One transaction: consumes the claims token (when there is one), records the RPT and appends the audit entry.
   * Nothing is written unless every share in `shares` still exists, so a share that is removed meanwhile grants nothing.
   * @returns `recorded`, `claims_token_used` when (issuer, jti) was consumed before, or `share_withdrawn`; in the latter cases nothing is written
   * @throws ProtocolError 503 when the store does not answer within its deadline
   */
  record(grant: GrantRecord, claimsToken?: ConsumedClaimsToken): Promise<'recorded' | 'claims_token_used' | 'share_withdrawn'>;
  /**
   * Consumes a claims token for an answer that is no grant (need_info keeps its claims in the process).
   * @returns whether this caller was the first
   */
  consumeClaimsToken(claimsToken: ConsumedClaimsToken): Promise<boolean>;
  /** Whether the RPT was recorded, is not expired at `now` (NumericDate) and was not revoked, by itself or with its share. */
  isActive(issuer: Issuer, tokenId: TokenId, now: number): Promise<boolean>;
}
