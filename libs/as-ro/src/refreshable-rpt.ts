import type { TokenAnswer, TokenRequest } from '@uma-federation/oauth-server';
import { OPAQUE_TOKEN_PREFIXES, readScopes, refreshRpt, type RptRefreshing } from '@uma-federation/uma-core';
import type { Refreshable } from './refresh-token-grant.ts';

/** Refresh tokens of RPTs (UMA Grant 3.6). */
export class RefreshableRpt implements Refreshable {
  readonly prefix = OPAQUE_TOKEN_PREFIXES.rptRefresh;
  readonly #deps: RptRefreshing;

  constructor(dependencies: RptRefreshing) {
    this.#deps = dependencies;
  }

  /** @inheritdoc */
  async refresh(refreshToken: string, { form, client, dpop }: TokenRequest): Promise<TokenAnswer> {
    const refreshed = await refreshRpt({ refreshToken, client, thumbprint: dpop?.thumbprint, scopes: readScopes(form.single('scope')) }, this.#deps);
    return {
      status: 200,
      body: {
        access_token: refreshed.rpt,
        token_type: refreshed.tokenType,
        expires_in: refreshed.expiresIn,
        refresh_token: refreshed.refreshToken,
        resource: refreshed.resource,
      },
    };
  }
}
