import type { Grant, TokenAnswer, TokenRequest } from '@uma-federation/oauth-server';
import { GRANT_TYPES, invalidGrant } from '@uma-federation/uma-core';

/** One kind of refresh token. */
export interface Refreshable {
  /** What its tokens begin with. */
  readonly prefix: string;
  /**
   * Answers for a token of this kind.
   * @throws ProtocolError `invalid_grant`, `invalid_scope`
   */
  refresh(token: string, request: TokenRequest): Promise<TokenAnswer>;
}

/** Refreshing (RFC 6749 6): each kind of refresh token has its own way. */
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
