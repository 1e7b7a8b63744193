import type { RequestingPartyToken } from '@uma-federation/uma-core';

/** What the gateway uses of a token, whether it was verified locally or introspected. Times are NumericDates. */
export type AccessToken = Pick<
  RequestingPartyToken,
  'subject' | 'clientId' | 'permissions' | 'expiresAt' | 'acr' | 'authTime' | 'confirmationThumbprint'
>;
