/** Grant types by their full names; the short forms of the seeds are shorthand and refused on the wire (protocol.md C7). */
export const GRANT_TYPES = {
  umaTicket: 'urn:ietf:params:oauth:grant-type:uma-ticket',
  tokenExchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
  clientCredentials: 'client_credentials',
  refreshToken: 'refresh_token',
} as const;

/** Token type identifiers of RFC 8693 3. */
export const TOKEN_TYPE_URNS = {
  accessToken: 'urn:ietf:params:oauth:token-type:access_token',
  idToken: 'urn:ietf:params:oauth:token-type:id_token',
  jwt: 'urn:ietf:params:oauth:token-type:jwt',
} as const;

/** Scope of a protection API token (Federated Authorization 1.3). */
export const PROTECTION_SCOPE = 'uma_protection';

/** URI of the profile that an AS-RO of this project speaks, for `uma_profiles_supported`. */
export const CORRELATED_AUTHORIZATION_PROFILE = 'urn:uma-federation:profile:correlated-authorization';

/** URI of the OAuth profile of the same (protocol.md 1.6): token exchange at AS-RO, for `uma_profiles_supported`. */
export const CORRELATED_AUTHORIZATION_OAUTH_PROFILE = 'urn:uma-federation:profile:correlated-authorization-oauth';
