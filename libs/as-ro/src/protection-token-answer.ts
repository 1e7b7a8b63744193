import type { TokenAnswer } from '@uma-federation/oauth-server';
import { PROTECTION_SCOPE, TOKEN_TYPE_URNS, type PersonalProtectionToken } from '@uma-federation/uma-core';

/** The answer that carries a PAT of a person, by token exchange or refresh (RFC 8693 2.2.1; RFC 6749 5.1). */
export function protectionTokenAnswer({ token, tokenType, expiresIn, refreshToken }: PersonalProtectionToken): TokenAnswer {
  return {
    status: 200,
    body: {
      access_token: token,
      issued_token_type: TOKEN_TYPE_URNS.accessToken,
      token_type: tokenType,
      expires_in: expiresIn,
      scope: PROTECTION_SCOPE,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    },
  };
}
