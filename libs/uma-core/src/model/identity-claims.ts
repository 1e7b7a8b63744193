import type { ClientId, Issuer, TokenId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** Who the requesting party is, as their own domain vouches for it in an identity claims token. */
export interface IdentityClaims {
  readonly issuer: Issuer;
  readonly tokenId: TokenId;
  /** Canonical e-mail address (local part byte-exact, domain as A-label). */
  readonly email: string;
  /** The client at AS-RqP that asked for the token. */
  readonly clientId: ClientId;
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
  /** NumericDate of the authentication event. */
  readonly authTime?: number | undefined;
  /** RFC 7638 thumbprint of the DPoP key that asked for the token. */
  readonly confirmationThumbprint?: string | undefined;
  /** NumericDate. */
  readonly expiresAt: number;
  /** The remaining claims of the token, in a namespace of their own: they never override server facts (A25). */
  readonly claims: JsonObject;
}
