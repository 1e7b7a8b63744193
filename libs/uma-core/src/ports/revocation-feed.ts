import type { ClientId, TokenId } from '../model/ids.ts';

/** RPTs that ended before their time, as far as one page tells. */
export interface RevocationPage {
  readonly revoked: readonly { readonly tokenId: TokenId; /** NumericDate of the token's own end. */ readonly expiresAt: number }[];
  /** Where to go on reading; opaque. */
  readonly cursor: string;
  /** Whether there is more to read at once. */
  readonly more: boolean;
}

/** Tells a resource server which RPTs to refuse although they have not expired (G67). */
export interface RevocationFeed {
  /**
   * RPTs for this RS that were revoked since the cursor was given and have not expired by `now` (NumericDate).
   * Guarantee: whatever was revoked before this call began is in this or an earlier page; an RPT may be told again.
   * @param owner tells only of RPTs for this owner's resources
   * @param cursor of the page before; undefined, or one that is not understood, reads from the beginning: everything that is still alive
   */
  read(resourceServer: ClientId, cursor: string | undefined, now: number, owner?: string): Promise<RevocationPage>;
}
