import { ProtocolError } from './protocol-error.ts';

/** Each refusal takes a stable `reason` and optional log-only `detail`; the public text is constant. */
type Make = (reason: string, detail?: string) => ProtocolError;

const refuse =
  (error: string, status: number, description: string): Make =>
  (reason, detail) =>
    new ProtocolError({ error, status, reason, description, detail });

/** RFC 6749 5.2; RFC 8693 2.2.2: also the answer to a subject or actor token that is invalid for any reason. */
export const invalidRequest = refuse('invalid_request', 400, 'The request is malformed or a token in it is not acceptable.');
/** RFC 6749 5.2: 401 when client authentication failed. The filter adds `WWW-Authenticate: Basic`. */
export const invalidClient = (reason: string, detail?: string): ProtocolError =>
  new ProtocolError({
    error: 'invalid_client',
    status: 401,
    reason,
    description: 'Client authentication failed.',
    detail,
    headers: { 'WWW-Authenticate': 'Basic realm="token endpoint", charset="UTF-8"' },
  });
/** UMA Grant 3.3.6: the permission ticket was not found, has expired, was used or belongs to another client. */
export const invalidGrant = refuse('invalid_grant', 400, 'The ticket or grant is invalid, expired or was used.');
/** UMA Grant 3.3.6, RFC 6749 5.2. */
export const invalidScope = refuse('invalid_scope', 400, 'A requested scope is not available.');
/** RFC 8693 2.2.2, RFC 8707 2. */
export const invalidTarget = refuse('invalid_target', 400, 'The target is not acceptable.');
/** RFC 6749 5.2. */
export const unauthorizedClient = refuse('unauthorized_client', 400, 'The client may not use this grant type.');
/** RFC 6749 5.2. */
export const unsupportedGrantType = refuse('unsupported_grant_type', 400, 'The grant type is not supported.');
/** RFC 7009 2.2.1. */
export const unsupportedTokenType = refuse('unsupported_token_type', 400, 'Tokens of this kind cannot be revoked.');
/** RFC 9449 5: at the token endpoint. */
export const invalidDpopProof = refuse('invalid_dpop_proof', 400, 'The DPoP proof is not acceptable.');
/** Federated Authorization 3.2: unknown `_id`. Foreign ids look the same, so that there is no existence oracle. */
export const notFound = refuse('not_found', 404, 'There is no such resource.');
/** Federated Authorization 4.1. */
export const invalidResourceId = refuse('invalid_resource_id', 400, 'A resource identifier is not registered.');
/** RFC 7591 3.2.2. */
export const invalidRedirectUri = refuse('invalid_redirect_uri', 400, 'A redirection URI is not acceptable.');
/** RFC 7591 3.2.2. */
export const invalidClientMetadata = refuse('invalid_client_metadata', 400, 'The client metadata is not acceptable.');
/** RFC 7591 3.2.2. */
export const unapprovedSoftwareStatement = refuse('unapproved_software_statement', 400, 'Software statements are not accepted here.');
/** The body is larger than the limit. */
export const payloadTooLarge = refuse('invalid_request', 413, 'The request body is too large.');

/** Federated Authorization 3.2: unsupported method. `allow` lists the methods for the `Allow` header (RFC 9110 15.5.6). */
export function methodNotAllowed(allow: readonly string[]): ProtocolError {
  return new ProtocolError({
    error: 'unsupported_method_type',
    status: 405,
    reason: 'method_not_allowed',
    description: 'The method is not supported here.',
    headers: { Allow: allow.join(', ') },
  });
}

/** RFC 6750 3: a missing (no `error` attribute) or unacceptable bearer token. `realm` is a configured name. */
export function bearerRefusal(
  error: 'missing_token' | 'invalid_token' | 'insufficient_scope',
  reason: string,
  detail?: string,
): ProtocolError {
  const status = error === 'insufficient_scope' ? 403 : 401;
  // RFC 6750 3.1: without any authentication information the challenge SHOULD NOT carry an error code.
  const challenge =
    error === 'missing_token'
      ? 'Bearer'
      : `Bearer error="${error}"${error === 'insufficient_scope' ? ', scope="uma_protection"' : ''}`;
  return new ProtocolError({
    error: error === 'missing_token' ? 'invalid_token' : error,
    status,
    reason,
    description: error === 'insufficient_scope' ? 'The token lacks the needed scope.' : 'The access token is missing or not acceptable.',
    detail,
    headers: { 'WWW-Authenticate': challenge },
  });
}

/** Too many requests; `retryAfterSeconds` is sent as `Retry-After`. */
export function tooManyRequests(reason: string, retryAfterSeconds: number): ProtocolError {
  return new ProtocolError({
    error: 'temporarily_unavailable',
    status: 429,
    reason,
    description: 'Too many requests.',
    retryAfterSeconds,
  });
}

/** A store or peer that is needed for a decision did not answer in time: fail closed, come back later. */
export function temporarilyUnavailable(reason: string, retryAfterSeconds: number, detail?: string): ProtocolError {
  return new ProtocolError({
    error: 'temporarily_unavailable',
    status: 503,
    reason,
    description: 'The service is temporarily unavailable.',
    retryAfterSeconds,
    detail,
  });
}
