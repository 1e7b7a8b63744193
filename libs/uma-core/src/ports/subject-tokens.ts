import type { JsonObject } from '../model/json.ts';

/** The kinds of subject token that AS-RqP takes (RFC 8693 3; Decision D12). */
export type SubjectTokenType = 'access_token' | 'id_token' | 'jwt';

/** What a configured identity provider says of a person. */
export interface SubjectClaims {
  /** Issuer of the identity provider. */
  readonly issuer: string;
  readonly subject: string;
  readonly email?: string | undefined;
  readonly emailVerified: boolean;
  /** The client that the token was issued to. */
  readonly clientId: string;
  readonly acr?: string | undefined;
  readonly amr?: readonly string[] | undefined;
  /** NumericDate of the authentication event. */
  readonly authTime?: number | undefined;
  /** RFC 7638 thumbprint of the key that the token is bound to. */
  readonly confirmationThumbprint?: string | undefined;
  /** NumericDate. */
  readonly expiresAt: number;
  readonly tokenId?: string | undefined;
  /** `may_act` (RFC 8693 4.4). */
  readonly mayAct?: JsonObject | undefined;
  /** `act` (RFC 8693 4.1): who acts for the person already. */
  readonly act?: JsonObject | undefined;
}

/** Verifies subject tokens of the domain's own identity providers; nobody else's. */
export interface SubjectTokens {
  /**
   * @param clientId the client that presents the token; an ID token must name it in `aud`
   * @throws TokenFault when the token is not a valid one of a configured provider
   * @throws ProtocolError 503 when the provider that has to be asked does not answer
   */
  verify(token: string, type: SubjectTokenType, clientId: string): Promise<SubjectClaims>;
}
