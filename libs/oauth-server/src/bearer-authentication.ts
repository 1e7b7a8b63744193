import { countHeader } from '@uma-federation/nest-kit';
import { bearerRefusal, FormParameters, invalidRequest } from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';

/** An access token as it was presented. */
export interface PresentedToken {
  readonly scheme: 'Bearer' | 'DPoP';
  readonly token: string;
}

const CREDENTIALS = /^(Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * The access token of an API request: from the `Authorization` header, schemes Bearer (RFC 6750 2.1) and DPoP (RFC 9449 7.1), never from query or body.
 * Does not check: anything about the token itself.
 * @throws ProtocolError 400 `invalid_request` for two `Authorization` headers or a token in query or body (A88),
 *   401 without a code when there is no such header, 401 `invalid_token` when it is malformed
 */
export function bearerToken(request: Pick<FastifyRequest, 'raw' | 'headers' | 'query' | 'body'>): PresentedToken {
  // RFC 6750 2: "Clients MUST NOT use more than one method to transmit the token in each request."
  if (countHeader(request.raw, 'authorization') > 1) throw invalidRequest('authorization_header_repeated');
  if (Object.hasOwn(request.query ?? {}, 'access_token')) throw invalidRequest('token_in_query');
  if (request.body instanceof FormParameters && request.body.all('access_token').length > 0) throw invalidRequest('token_in_body');
  const { authorization } = request.headers;
  if (authorization === undefined || !/^(bearer|dpop)\b/i.test(authorization)) throw bearerRefusal('missing_token', 'no_access_token');
  const [, scheme, token] = CREDENTIALS.exec(authorization) ?? [];
  if (scheme === undefined || token === undefined) throw bearerRefusal('invalid_token', 'authorization_malformed');
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token };
}
