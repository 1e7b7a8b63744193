import type { TokenAnswer, TokenRequest } from '@uma-federation/oauth-server';
import { invalidScope, OPAQUE_TOKEN_PREFIXES, PROTECTION_SCOPE, readScopes, refreshProtectionToken, type PersonalProtectionTokens } from '@uma-federation/uma-core';
import { protectionTokenAnswer } from './protection-token-answer.ts';
import type { Refreshable } from './refresh-token-grant.ts';

/** Refresh tokens of persons' PATs: they stay usable while the owner is away (Federated Authorization 1.3). */
export class ProtectionTokenRefresh implements Refreshable {
  readonly prefix = OPAQUE_TOKEN_PREFIXES.protectionRefresh;
  readonly #deps: PersonalProtectionTokens;

  constructor(deps: PersonalProtectionTokens) {
    this.#deps = deps;
  }

  /** @inheritdoc */
  async refresh(token: string, { form, client, dpop }: TokenRequest): Promise<TokenAnswer> {
    // RFC 6749 6: the scope "MUST NOT include any scope not originally granted".
    if (readScopes(form.single('scope')).some((scope) => scope !== PROTECTION_SCOPE)) throw invalidScope('scope_not_granted');
    return protectionTokenAnswer(await refreshProtectionToken(token, client, dpop?.thumbprint, this.#deps));
  }
}
