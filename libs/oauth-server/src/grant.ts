import type { AuthenticatedClient, FormParameters, JsonValue } from '@uma-federation/uma-core';

/** A token request after client authentication and DPoP. */
export interface TokenRequest {
  readonly form: FormParameters;
  readonly client: AuthenticatedClient;
  /** RFC 7638 thumbprint of the key that the request proved to hold (RFC 9449), if it did. */
  readonly dpop?: { readonly thumbprint: string } | undefined;
  /** The `Authorization` header: in a dialect where it carries the person's token (Keycloak's), not the client's credentials. */
  readonly authorization?: string | undefined;
  /** Id of the request in the log. */
  readonly requestId: string;
}

/** An answer of the token endpoint; `need_info` (403) is one too. */
export interface TokenAnswer {
  readonly status: number;
  /** A JSON object in OAuth; Keycloak's dialect knows a list, too. */
  readonly body: JsonValue;
}

/** One grant type of a token endpoint. */
export interface Grant {
  /** The full name, as in `grant_type`. */
  readonly grantType: string;
  /** Parameters that may occur more than once (RFC 8693 2.1, RFC 8707 2); all others may not (A68). */
  readonly repeatableParameters?: readonly string[] | undefined;
  /**
   * Decides. The client may use this grant type, and no other than the repeatable parameters occurs twice.
   * @throws ProtocolError for a refusal
   */
  handle(request: TokenRequest): Promise<TokenAnswer>;
}
