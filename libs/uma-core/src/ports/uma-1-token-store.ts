import type { ClientId, Issuer, ResourceId, ShareId, TokenId } from '../model/ids.ts';
import type { Permission } from '../model/permission.ts';

/** For whom an RPT of UMA 1.0 was made: the authorization API token (AAT) with which it was asked for, and what that says. */
export interface Uma1Holder {
  /** `jti` of the AAT. */
  readonly aat: TokenId;
  readonly clientId: ClientId;
  /** Canonical e-mail address of the requesting party. */
  readonly requestingParty: string;
}

/** An RPT of UMA 1.0 without any permission, as it is issued. Times are NumericDates. */
export interface NewUma1Token extends Uma1Holder {
  /** SHA-256 of the token, base64url. */
  readonly tokenHash: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Permissions that are to be added to an RPT: what one ticket yields. */
export interface Uma1Authorization extends Uma1Holder {
  readonly tokenHash: string;
  readonly issuer: Issuer;
  /** `jti` of the ticket. */
  readonly ticketId: TokenId;
  readonly resourceServer: ClientId;
  readonly owner: string;
  readonly permissions: readonly Permission[];
  /** The shares that the permissions rest on. */
  readonly shares: readonly ShareId[];
  readonly issuedAt: number;
  /** The permissions end here even if the token goes on. */
  readonly expiresAt: number;
}

/** A permission with its own times, NumericDates. */
export interface TimedPermission extends Permission {
  readonly resourceId: ResourceId;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** A live RPT of UMA 1.0 and the permissions that hold now. */
export interface Uma1TokenState extends NewUma1Token {
  /** The RS that the token is for; none until its first permission. */
  readonly resourceServer?: ClientId | undefined;
  readonly permissions: readonly TimedPermission[];
}

/** `recorded`, or why nothing was written: no such live token of this holder; it is for another RS; a share is gone. */
export type Uma1AuthorizationOutcome = 'recorded' | 'token_unknown' | 'other_resource_server' | 'share_withdrawn';

/** The RPTs of UMA 1.0: references that permissions are added to, and that resource servers ask about. */
export interface Uma1TokenStore {
  /**
   * Adds a token without permissions, and the audit entry.
   * @param previous `ended`: any other token of the same AAT ends with it, all or nothing (D05 3.4.4, D07 3.4.1); of concurrent callers the last one's token lives
   * @throws ProtocolError 503 when the store does not answer within its deadline
   */
  issue(token: NewUma1Token, previous: 'ended' | 'kept'): Promise<void>;
  /**
   * One statement: adds the permissions and the audit entry when the token lives and belongs to this holder, is for this RS or for none yet
   * (then it is for this RS from now on), and every share still exists. Otherwise nothing is written.
   * @param now NumericDate
   * @throws ProtocolError `invalid_grant` when the ticket has already yielded permissions
   */
  authorize(authorization: Uma1Authorization, now: number): Promise<Uma1AuthorizationOutcome>;
  /**
   * The token with the permissions that have not expired and whose every share exists.
   * @param now NumericDate
   * @returns undefined when there is no such token, or it has ended
   */
  find(tokenHash: string, now: number): Promise<Uma1TokenState | undefined>;
}
