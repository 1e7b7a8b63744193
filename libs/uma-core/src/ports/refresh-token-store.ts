import type { ClientId, Issuer, ShareId } from '../model/ids.ts';
import type { Permission } from '../model/permission.ts';

/** What a refresh token of an RPT stands for (RFC 6749 6). Times are NumericDates. */
export interface RefreshableGrant {
  /** Constant over rotations; the RPTs that came of it carry it in the ledger. */
  readonly id: string;
  /** SHA-256 (base64url) of the token. */
  readonly tokenHash: string;
  readonly clientId: ClientId;
  /** Of a public client: the key that every use has to prove (RFC 9449 5). */
  readonly thumbprint?: string | undefined;
  readonly resourceServer: ClientId;
  readonly owner: string;
  readonly requestingParty: string;
  /** Who vouched for the requesting party; absent in what earlier versions stored. */
  readonly issuer?: Issuer | undefined;
  readonly permissions: readonly Permission[];
  /** It is worth nothing as soon as one of these is gone. */
  readonly shares: readonly ShareId[];
  readonly acr?: string | undefined;
  readonly authTime?: number | undefined;
  readonly expiresAt: number;
}

/** Refresh tokens. They are recorded with a grant (`GrantLedger.record`). */
export interface RefreshTokenStore {
  /** What the token stands for, without using it: unless it is unknown, used, of another client, or expired by `now` (NumericDate). May be stale. */
  find(tokenHash: string, clientId: ClientId, now: number): Promise<RefreshableGrant | undefined>;
  /**
   * Uses a token up and puts the next one in its place. Atomic: exactly one of any number of concurrent callers gets the grant.
   * A token that was used up before ends the whole grant (RFC 9700 4.14.2): somebody has a copy.
   * @param use hashes of the presented and of the next token, the client, its proven key, NumericDate
   * @returns undefined for a token that is unknown, used, expired, of another client or key, or whose shares are gone
   */
  rotate(use: { tokenHash: string; nextTokenHash: string; clientId: ClientId; thumbprint: string | undefined; now: number }): Promise<RefreshableGrant | undefined>;
  /** Ends the grant and the RPTs that came of it, also for a token that was used up. @returns whose it was */
  revoke(tokenHash: string, clientId: ClientId, now: number): Promise<'revoked' | 'another_client' | 'unknown'>;
}
