import type { InspectedHeaders } from '@uma-federation/reverse-proxy';

/** What a request presents as authorization. */
export type Credentials =
  | { readonly kind: 'none' }
  /** RFC 6750 3.1 invalid_request. `reason` is a stable id. */
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'token'; readonly scheme: 'Bearer' | 'DPoP'; readonly token: string; readonly proof: string | undefined };

/** RFC 9110 11.4: scheme, one or more spaces, and here nothing but a token (RFC 6750 2.1 b64token, RFC 9449 7.1 token68). */
const CREDENTIALS = /^(bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i;
const OUR_SCHEME = /^(bearer|dpop)(?![A-Za-z0-9!#$%&'*+\-.^_`|~])/i;

/**
 * Reads `Authorization` and `DPoP`. Other schemes count as no credentials.
 * @param headers inspected, so that each of the two came once at most
 * @param query with its leading `?`, or empty; a token in it is refused, never read (RFC 6750 2.3 SHOULD NOT; A88)
 */
export function readCredentials(headers: InspectedHeaders, query: string): Credentials {
  if (hasTokenInQuery(query)) return { kind: 'malformed', reason: 'token_in_query' };
  const [authorization] = headers.values('authorization');
  if (authorization === undefined || !OUR_SCHEME.test(authorization)) return { kind: 'none' };
  const [, scheme = '', token = ''] = CREDENTIALS.exec(authorization) ?? [];
  if (token === '') return { kind: 'malformed', reason: 'authorization_malformed' };
  return { kind: 'token', scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token, proof: headers.values('dpop')[0] };
}

/** Whether the query has a parameter `access_token`, in any spelling that a backend could read as that. */
export function hasTokenInQuery(query: string): boolean {
  if (query === '') return false;
  return [...new URLSearchParams(query.replaceAll(';', '&')).keys()].some((name) => name.trim().toLowerCase() === 'access_token');
}
