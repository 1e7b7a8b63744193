import type { Grant, TokenAnswer, TokenRequest } from '@uma-federation/oauth-server';
import { GRANT_TYPES, invalidGrant } from '@uma-federation/uma-core';

/** One kind of refresh token. */
export interface Refreshable {
  /** What every token of the kind begins with, and none of another kind. */
  readonly prefix: string;
  /** @throws ProtocolError `invalid_grant` for a token that is not good, or not of this client */
  refresh(token: string, request: TokenRequest): Promise<TokenAnswer>;
}

/** The refresh grant (RFC 6749 6): the token's prefix says of which kind it is. */
export class RefreshTokenGrant implements Grant {
  readonly grantType = GRANT_TYPES.refreshToken;
  readonly #kinds: readonly Refreshable[];

  constructor(kinds: readonly Refreshable[]) {
    this.#kinds = kinds;
  }

  /** @inheritdoc */
  async handle(request: TokenRequest): Promise<TokenAnswer> {
    const token = request.form.required('refresh_token');
    const kind = this.#kinds.find(({ prefix }) => token.startsWith(prefix));
    if (kind === undefined) throw invalidGrant('refresh_token_of_no_kind');
    return kind.refresh(token, request);
  }
}
