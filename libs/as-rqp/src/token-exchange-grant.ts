import type { Grant, TokenAnswer, TokenRequest } from '@uma-federation/oauth-server';
import { exchangeToken, GRANT_TYPES, readTokenExchangeRequest, TOKEN_TYPE_URNS, type TokenExchange } from '@uma-federation/uma-core';

/** The token exchange grant in the profile of the correlated flow (RFC 8693; protocol.md 1.9 messages 5 and 6). */
export class TokenExchangeGrant implements Grant {
  readonly grantType = GRANT_TYPES.tokenExchange;
  readonly repeatableParameters = ['resource', 'audience'];
  readonly #forClient: (clientId: string) => TokenExchange;

  /** @param forClient what the exchange needs; discovery of unknown AS-ROs is on the client's own budget (A46) */
  constructor(forClient: (clientId: string) => TokenExchange) {
    this.#forClient = forClient;
  }

  /** @inheritdoc */
  async handle({ form, client, dpop }: TokenRequest): Promise<TokenAnswer> {
    const request = readTokenExchangeRequest(form, client.registration.dialects);
    const { token, expiresIn } = await exchangeToken(request, client, dpop?.thumbprint, this.#forClient(client.registration.clientId));
    return {
      status: 200,
      body: {
        access_token: token,
        issued_token_type: TOKEN_TYPE_URNS.jwt,
        // RFC 8693 2.2.1: "N_A" when the issued token is not an access token.
        token_type: 'N_A',
        expires_in: expiresIn,
      },
    };
  }
}
