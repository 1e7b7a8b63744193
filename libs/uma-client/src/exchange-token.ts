import { GRANT_TYPES, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { stringMember } from './answer-json.ts';
import type { CallContext } from './call-context.ts';
import { checkIdentityClaims } from './check-identity-claims.ts';
import type { ClientCredentials, SubjectToken } from './options.ts';
import type { AuthorizationServer } from './server-metadata.ts';
import { answeredError, requestToken } from './token-request.ts';
import { UmaError } from './uma-error.ts';

const SUBJECT_TOKEN_TYPES = {
  access_token: TOKEN_TYPE_URNS.accessToken,
  id_token: TOKEN_TYPE_URNS.idToken,
  jwt: TOKEN_TYPE_URNS.jwt,
} as const;

/** What binds the identity claims to the ticket: the resource claims token (seed 003), or the hash of the ticket itself (seed 002). */
export type TicketBinding =
  | { readonly resourceClaimsToken: string }
  /** `name`: what the resource server is called at AS-RqP, if it has a logical name there. */
  | { readonly ticketChallenge: string; readonly name?: string | undefined };

/** What goes into an exchange. */
export interface ExchangeInput {
  readonly server: AuthorizationServer;
  readonly credentials: ClientCredentials;
  readonly subjectToken: SubjectToken;
  readonly binding: TicketBinding;
  /** `mailto:` URI of the resource owner, if the caller knows it. */
  readonly ownerUri?: string | undefined;
  /** The AS-RO that the identity claims must be for. */
  readonly asUri: string;
}

/**
 * Steps 5 and 6 of seed 003: the person's token and the resource claims token for an identity claims token (RFC 8693; protocol.md 1.9).
 * With a ticket challenge it is step 4 of seed 002 (protocol.md 1.3): never both in one request (C3).
 * @returns the identity claims token, for `asUri` only (duty iii)
 * @throws UmaError `exchange_refused`, `unexpected_token`, `audience_mismatch`, and what `requestToken` throws
 */
export async function exchangeToken(input: ExchangeInput, context: CallContext): Promise<string> {
  const { server, credentials, subjectToken, asUri, binding } = input;
  const parameters = {
    grant_type: GRANT_TYPES.tokenExchange,
    requested_token_type: TOKEN_TYPE_URNS.jwt,
    subject_token: subjectToken.token,
    subject_token_type: SUBJECT_TOKEN_TYPES[subjectToken.type],
    ...bindingParameters(input),
  };
  const answer = await requestToken({ step: 5, server, credentials, parameters }, context);
  const oauthError = answeredError(answer, 6);
  if (oauthError !== undefined) throw new UmaError('exchange_refused', { step: 6, status: answer.status, oauthError });
  const token = stringMember(answer.body, 'access_token');
  if (token === undefined) throw new UmaError('malformed_answer', { step: 6, status: answer.status });
  // RFC 8693 2.2.1: issued_token_type is REQUIRED.
  if (answer.body['issued_token_type'] !== TOKEN_TYPE_URNS.jwt) throw new UmaError('unexpected_token', { step: 6 });
  checkIdentityClaims(token, asUri, 'ticketChallenge' in binding ? binding.ticketChallenge : undefined);
  return token;
}

function bindingParameters({ binding, ownerUri, asUri }: ExchangeInput): Record<string, string> {
  if ('resourceClaimsToken' in binding) {
    const owner = ownerUri === undefined ? {} : { resource: ownerUri };
    return { actor_token: binding.resourceClaimsToken, actor_token_type: TOKEN_TYPE_URNS.jwt, ...owner };
  }
  const { ticketChallenge, name } = binding;
  // Nothing but `resource` tells AS-RqP whom the claims are for; logical names go in `audience` (protocol.md C6, RFC 8693 2.1).
  return { ticket_challenge: ticketChallenge, resource: ownerUri ?? asUri, ...(name === undefined ? {} : { audience: name }) };
}
