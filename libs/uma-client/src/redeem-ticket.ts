import { GRANT_TYPES, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { stringMember } from './answer-json.ts';
import type { CallContext } from './call-context.ts';
import { readGrantedToken } from './granted-token.ts';
import { readNeedInfo, readSubmittedRequest } from './need-info.ts';
import type { ClientCredentials } from './options.ts';
import type { GrantedToken } from './requesting-party-token.ts';
import type { AuthorizationServer } from './server-metadata.ts';
import { answeredError, requestToken, type TokenAnswer } from './token-request.ts';
import { UmaError, type NeedInfo, type SubmittedRequest } from './uma-error.ts';

/** The form in which tickets are redeemed: UMA's grant, the same with the names of seed 002, or the token exchange of the OAuth profile. */
export type RedemptionForm = 'uma' | 'ticket-challenge' | 'oauth';

/** What goes into redeeming a ticket. */
export interface RedeemInput {
  readonly server: AuthorizationServer;
  readonly credentials: ClientCredentials;
  readonly form: RedemptionForm;
  readonly ticket: string;
  /** Absent when the claims are known from an earlier round, or none are pushed. */
  readonly identityClaimsToken?: string | undefined;
  /** A persisted claims token of this server; only in UMA's own form. */
  readonly persistedClaimsToken?: string | undefined;
  /** An RPT of this server for the same resource server, to be added to; only in UMA's own form. */
  readonly previousToken?: string | undefined;
  /** Duty (vii): the resource server that is being called. */
  readonly resource: string;
  readonly url: URL;
  /** Whether this asks again for a decision of the owner. */
  readonly polls?: boolean | undefined;
}

/** An RPT and what came with it. */
export interface Grant {
  readonly token: GrantedToken;
  /** UMA Grant 3.3.5: the permissions of `previousToken` are in the new one. Anything but `true` means that they are not (G30). */
  readonly upgraded: boolean;
  readonly persistedClaimsToken?: string | undefined;
  /** Whether the answer named the resource server, which then was the right one. */
  readonly namesResource: boolean;
}

/** The answers that the dance can go on from. */
export type Redeemed = { readonly granted: Grant } | { readonly needInfo: NeedInfo } | { readonly submitted: SubmittedRequest };

const POLL_TITLES = ['Ask again for the decision of the owner', 'The answer about the decision'] as const;

/**
 * Steps 7 and 8 of seed 003: the ticket and the identity claims for an RPT (UMA Grant 3.3.1 to 3.3.6; protocol.md 1.9).
 * Duty (vii): `resource` always names the server being called, so that a ticket of another one is refused.
 * @throws UmaError `request_denied`, `grant_refused`, `unexpected_token`, `ticket_unchanged`, `resource_mismatch`, and what
 *   `requestToken` throws
 */
export async function redeemTicket(input: RedeemInput, context: CallContext): Promise<Redeemed> {
  const { server, credentials, ticket, resource, url } = input;
  const titles = input.polls === true ? POLL_TITLES : undefined;
  const answer = await requestToken({ step: 7, titles, server, credentials, parameters: parametersOf(input) }, context);
  const oauthError = answeredError(answer, 8);
  const facts = { step: 8, status: answer.status, oauthError };
  switch (oauthError) {
    case undefined:
      return { granted: readGrant(input, answer, context) };
    case 'need_info':
      return { needInfo: readNeedInfo(answer.body, server.issuer, ticket) };
    case 'request_submitted':
      return { submitted: readSubmittedRequest(answer.body, ticket, { issuer: server.issuer, url, resource, now: context.clock.now() }) };
    case 'request_denied':
      throw new UmaError('request_denied', facts);
    default:
      throw new UmaError('grant_refused', facts);
  }
}

function parametersOf({ form, ticket, identityClaimsToken, persistedClaimsToken, previousToken, resource }: RedeemInput): Record<string, string> {
  switch (form) {
    case 'uma':
      return {
        grant_type: GRANT_TYPES.umaTicket,
        ticket,
        ...(identityClaimsToken === undefined ? {} : { claim_token: identityClaimsToken, claim_token_format: TOKEN_TYPE_URNS.jwt }),
        ...(persistedClaimsToken === undefined ? {} : { pct: persistedClaimsToken }),
        ...(previousToken === undefined ? {} : { rpt: previousToken }),
        resource,
      };
    case 'ticket-challenge':
      // protocol.md 1.3, C4: the seed's name; a request speaks one dialect.
      return { grant_type: GRANT_TYPES.umaTicket, ticket, ...(identityClaimsToken === undefined ? {} : { pushed_claims: identityClaimsToken }), resource };
    case 'oauth':
      // protocol.md 1.6: Correlated Authorization, Appendix B, step 7.
      return {
        grant_type: GRANT_TYPES.tokenExchange,
        requested_token_type: TOKEN_TYPE_URNS.accessToken,
        subject_token: ticket,
        subject_token_type: TOKEN_TYPE_URNS.jwt,
        ...(identityClaimsToken === undefined ? {} : { actor_token: identityClaimsToken, actor_token_type: TOKEN_TYPE_URNS.jwt }),
        resource,
      };
  }
}

function readGrant({ form, server, url, previousToken }: RedeemInput, answer: TokenAnswer, context: CallContext): Grant {
  // RFC 8693 2.2.1: issued_token_type is REQUIRED in the answer to an exchange.
  if (form === 'oauth' && answer.body['issued_token_type'] !== TOKEN_TYPE_URNS.accessToken) throw new UmaError('unexpected_token', { step: 8 });
  return {
    token: readGrantedToken(answer, { url, issuer: server.issuer }, context),
    upgraded: form === 'uma' && previousToken !== undefined && answer.body['upgraded'] === true,
    persistedClaimsToken: form === 'uma' ? stringMember(answer.body, 'pct') : undefined,
    namesResource: stringMember(answer.body, 'resource') !== undefined,
  };
}

