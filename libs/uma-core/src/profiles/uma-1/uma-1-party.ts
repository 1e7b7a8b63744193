import type { IdentityClaims } from '../../model/identity-claims.ts';
import type { ClientId, Issuer, TokenId } from '../../model/ids.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Uma1Holder } from '../../ports/uma-1-token-store.ts';

/**
 * What an authorization API token (AAT) says. It "binds a requesting party, a client being used by that party, and an authorization server"
 * (D07 1.3.1). Times are NumericDates.
 */
export interface Uma1Party {
  /** `jti` of the AAT. */
  readonly tokenId: TokenId;
  readonly clientId: ClientId;
  /** Canonical e-mail address of the requesting party. */
  readonly email: string;
  readonly expiresAt: number;
  readonly acr?: string | undefined;
  readonly authTime?: number | undefined;
  /** Further claims that the AAT passes on. */
  readonly claims?: JsonObject | undefined;
}

/** The holder that RPTs are kept under. */
export function holderOf({ tokenId, clientId, email }: Uma1Party): Uma1Holder {
  return { aat: tokenId, clientId, requestingParty: email };
}

/** The facts about the requesting party for the owner's policy. The word for them is this server's own: it made the AAT. */
export function identityOf(party: Uma1Party, issuer: Issuer): IdentityClaims {
  const { tokenId, clientId, email, expiresAt, acr, authTime, claims = {} } = party;
  return { issuer, tokenId, email, clientId, acr, authTime, expiresAt, claims };
}
