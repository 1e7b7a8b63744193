import { serialiseChallenge, serialiseUmaChallenge, TOKEN_TYPE_URNS, type JsonObject } from '@uma-federation/uma-core';
import type { ChallengeError, AccessRequirement } from './decide.ts';
import type { RefusedRequest } from './inspect-request.ts';
import type { TicketAnswer } from './permission-client.ts';

/** An answer of the gateway itself. */
export interface Answer {
  readonly status: number;
  /** Several values of a name are several header lines, in this order. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: JsonObject | undefined;
}

/** Where the gateway describes itself. */
export interface MetadataLocation {
  /** URL of the protected resource metadata (RFC 9728 5.1). */
  readonly resourceMetadata: string;
}

/** What challenges say of the gateway. */
export interface ChallengeSettings extends MetadataLocation {
  readonly realm: string;
  /** Issuer of the resource's AS-RO. */
  readonly asUri: string;
}

/** JWS algorithms of DPoP proofs that are accepted. */
export const DPOP_ALGORITHMS: readonly string[] = ['ES256', 'EdDSA', 'PS256', 'RS256'];

const LINE_OVERHEAD_BYTES = 'WWW-Authenticate: \r\n'.length;

/** A90: what was said to one token, or to none, is not for others; a ticket is for one use. */
export const UNCACHED = { 'Cache-Control': 'no-store', Vary: 'Authorization, DPoP' };

/** An answer `{"error": …}` that no cache keeps. */
export function errorAnswer(status: number, error: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers: { ...UNCACHED, ...headers }, body: { error } };
}

/** What a challenge is about. */
export interface Challenge {
  readonly ticket: TicketAnswer;
  /** Absent when there was no token. */
  readonly error?: ChallengeError | undefined;
  /** The scheme that the refused token came with. */
  readonly scheme: 'Bearer' | 'DPoP';
  readonly requirement: AccessRequirement;
}

/**
 * 401 with a ticket (UMA Grant 3.2.1, protocol.md 1.9 message 4). The `UMA` challenge comes first and `Bearer` second, each on a line of its
 * own: the order that every client understands. A token that came with the scheme DPoP gets its error in that scheme too (RFC 9449 7.1).
 * @throws RangeError when AS-RO's ticket or token has characters that a header cannot carry (A94)
 */
export function challengeAnswer(challenge: Challenge, settings: ChallengeSettings): Answer {
  const { ticket, resourceClaimsToken } = challenge.ticket;
  const issuedTokenType = resourceClaimsToken === undefined ? undefined : (challenge.ticket.issuedTokenType ?? TOKEN_TYPE_URNS.jwt);
  const { realm, asUri } = settings;
  const errorParameters = { error: challenge.error, ...stepUp(challenge) };
  const lines = [
    serialiseUmaChallenge({ realm, asUri, ticket, resourceClaimsToken, issuedTokenType }),
    serialiseChallenge('Bearer', { ...errorParameters, resource_metadata: settings.resourceMetadata }),
    ...(challenge.error === undefined || challenge.scheme === 'Bearer' ? [] : [dpopChallenge(errorParameters, settings)]),
  ];
  return {
    status: 401,
    headers: { ...UNCACHED, 'WWW-Authenticate': lines },
    body: {
      error: 'uma_authorization_required',
      as_uri: asUri,
      ticket,
      ...(resourceClaimsToken === undefined ? {} : { resource_claims_token: resourceClaimsToken }),
      ...(issuedTokenType === undefined ? {} : { issued_token_type: issuedTokenType }),
    },
  };
}

/** 401 for a token whose proof of possession is missing or wrong (RFC 9449 7.1). */
export function dpopRefusal(error: 'invalid_token' | 'invalid_dpop_proof', settings: MetadataLocation): Answer {
  return errorAnswer(401, error, { 'WWW-Authenticate': dpopChallenge({ error }, settings) });
}

/** 400 for authorization that is malformed or given twice (RFC 6750 3.1); without a ticket. */
export function malformedAuthorization(): Answer {
  return errorAnswer(400, 'invalid_request', { 'WWW-Authenticate': serialiseChallenge('Bearer', { error: 'invalid_request' }) });
}

/** The answer to a request whose form was refused. Its framing cannot be trusted, so the connection ends with it, unless only the method or host is wrong. */
export function formRefusal({ status, reason, allow }: RefusedRequest, settings: MetadataLocation): Answer {
  if (allow !== undefined) return errorAnswer(status, reason, { Allow: allow });
  if (status === 421) return errorAnswer(status, reason);
  const answer = headerRefusal(status, reason, settings);
  return { ...answer, headers: { ...answer.headers, Connection: 'close' } };
}

function headerRefusal(status: number, reason: string, settings: MetadataLocation): Answer {
  if (reason === 'duplicate_authorization') return malformedAuthorization();
  // RFC 9449 4.3 step 1: "There is not more than one DPoP HTTP request header field."
  return reason === 'duplicate_dpop' ? dpopRefusal('invalid_dpop_proof', settings) : errorAnswer(status, 'invalid_request');
}

/** 403 when no ticket can be had (UMA Grant 3.2.2; G7). RFC 9111 made `Warning` obsolete; UMA still asks for it. */
export function unreachableAnswer(): Answer {
  return errorAnswer(403, 'uma_authorization_server_unreachable', { Warning: '199 - "UMA Authorization Server Unreachable"' });
}

/** 503 when the store that decides about a proof does not answer (security.md: unreachable means refuse). */
export function undecidedAnswer(retryAfterSeconds: number): Answer {
  return errorAnswer(503, 'temporarily_unavailable', { 'Retry-After': String(retryAfterSeconds) });
}

/** 429 for too many challenges (A74). */
export function tooManyAnswer(retryAfterSeconds: number): Answer {
  return errorAnswer(429, 'temporarily_unavailable', { 'Retry-After': String(retryAfterSeconds) });
}

/** The size of an answer's `WWW-Authenticate` lines, in octets, names and line ends included. */
export function challengeBytes({ headers }: Answer): number {
  return [headers['WWW-Authenticate'] ?? []].flat().reduce((sum, line) => sum + LINE_OVERHEAD_BYTES + line.length, 0);
}

function dpopChallenge(parameters: Readonly<Record<string, string | undefined>>, { resourceMetadata }: MetadataLocation): string {
  return serialiseChallenge('DPoP', { ...parameters, algs: DPOP_ALGORITHMS.join(' '), resource_metadata: resourceMetadata });
}

/** RFC 9470 3: what authentication would do. */
function stepUp({ error, requirement }: Challenge): Readonly<Record<string, string | undefined>> {
  if (error !== 'insufficient_user_authentication') return {};
  return {
    acr_values: requirement.acrValues?.join(' '),
    max_age: requirement.maxAgeSeconds === undefined ? undefined : String(requirement.maxAgeSeconds),
  };
}
