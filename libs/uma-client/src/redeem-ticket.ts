import { GRANT_TYPES, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { integerMember, stringMember } from './answer-json.ts';
import type { CallContext } from './call-context.ts';
import { readNeedInfo, readSubmittedRequest } from './need-info.ts';
import type { ClientCredentials } from './options.ts';
import { checkAnsweredResource, type GrantedToken } from './requesting-party-token.ts';
import type { AuthorizationServer } from './server-metadata.ts';
import { answeredError, requestToken, type TokenAnswer } from './token-request.ts';
import { UmaError, type NeedInfo } from './uma-error.ts';

/** What goes into redeeming a ticket. */
export interface RedeemInput {
  readonly server: AuthorizationServer;
  readonly credentials: ClientCredentials;
  readonly ticket: string;
  /** Absent when the claims are known from an earlier round, or for a configured resource server without them (duty vi). */
  readonly identityClaimsToken?: string | undefined;
  /** Duty (vii): the resource server that is being called. */
  readonly resource: string;
  readonly url: URL;
}

/** The answers that the dance can go on from. */
export type Redeemed = { readonly granted: GrantedToken } | { readonly needInfo: NeedInfo };

/**
 * Steps 7 and 8 of seed 003: the ticket and the identity claims for an RPT (UMA Grant 3.3.1 to 3.3.6; protocol.md 1.9).
 * Duty (vii): `resource` always names the server being called, so that a ticket of another one is refused.
 * @throws UmaError `request_denied`, `request_submitted` (with its data), `grant_refused`, `unexpected_token`, `ticket_unchanged`,
 *   `resource_mismatch`, and what `requestToken` throws
 */
export async function redeemTicket(input: RedeemInput, context: CallContext): Promise<Redeemed> {
  const { server, credentials, ticket, identityClaimsToken, resource, url } = input;
  const parameters = {
    grant_type: GRANT_TYPES.umaTicket,
    ticket,
    ...(identityClaimsToken === undefined ? {} : { claim_token: identityClaimsToken, claim_token_format: TOKEN_TYPE_URNS.jwt }),
    resource,
  };
  const answer = await requestToken({ step: 7, server, credentials, parameters }, context);
  const oauthError = answeredError(answer, 8);
  const facts = { step: 8, status: answer.status, oauthError };
  switch (oauthError) {
    case undefined:
      return { granted: readToken(answer, url, context) };
    case 'need_info':
      return { needInfo: readNeedInfo(answer.body, server.issuer, ticket) };
    case 'request_submitted':
      throw new UmaError('request_submitted', { ...facts, submitted: readSubmittedRequest(answer.body, server.issuer, ticket) });
    case 'request_denied':
      throw new UmaError('request_denied', facts);
    default:
      throw new UmaError('grant_refused', facts);
  }
}

function readToken({ body, status }: TokenAnswer, url: URL, context: CallContext): GrantedToken {
  const token = stringMember(body, 'access_token');
  // A token that could not stand in a header (RFC 6750 2.1) is no token.
  if (token === undefined || !/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) throw new UmaError('malformed_answer', { step: 8, status });
  checkAnsweredResource(stringMember(body, 'resource'), url);
  const lifetimeSeconds = integerMember(body, 'expires_in');
  const expiresAt = lifetimeSeconds === undefined ? undefined : context.clock.now() + lifetimeSeconds;
  return { token, scheme: readScheme(body['token_type'], context), origin: url.origin, expiresAt };
}

/** RFC 6749 7.1: a client MUST NOT use a token whose type it does not understand; the type is case insensitive. */
function readScheme(type: unknown, context: CallContext): 'Bearer' | 'DPoP' {
  const name = typeof type === 'string' ? type.toLowerCase() : '';
  if (name === 'dpop' && context.prover !== undefined) return 'DPoP';
  if (name !== 'bearer') throw new UmaError('unexpected_token', { step: 8 });
  return 'Bearer';
}
