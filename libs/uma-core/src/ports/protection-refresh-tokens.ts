import type { ClientId, ConsentId } from '../model/ids.ts';

/** What is kept of a refresh token for PATs. */
export interface ProtectionRefreshToken {
  /** SHA-256 of the token, base64url. */
  readonly hash: string;
  readonly resourceServer: ClientId;
  readonly consent: ConsentId;
  /** NumericDate. */
  readonly expiresAt: number;
}

/** Refresh tokens of persons' PATs: each is used once and gives the next (RFC 9700 4.14.2). */
export interface ProtectionRefreshTokens {
  /** Keeps the first token of a line. */
  keep(token: ProtectionRefreshToken): Promise<void>;
  /**
   * Uses a token up and keeps the next one of its line. One statement: of any number of callers with the same token one succeeds.
   * A token that was used before ends its whole line: nobody can tell who of two holders is the right one.
   * @param presented the token, by whom, and when (NumericDate)
   * @param next what follows it
   * @returns owner and consent; `reused`; or undefined when the token is unknown, expired, another RS's, or the consent has ended
   */
  rotate(
    presented: { readonly hash: string; readonly resourceServer: ClientId; readonly now: number },
    next: { readonly hash: string; readonly expiresAt: number },
  ): Promise<{ readonly owner: string; readonly consent: ConsentId } | 'reused' | undefined>;
  /** Ends the line of a token (RFC 7009), used or not. @returns whose it was */
  revoke(hash: string, resourceServer: ClientId): Promise<'revoked' | 'another_client' | 'unknown'>;
}
