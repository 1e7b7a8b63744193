import type { JsonObject } from '@uma-federation/uma-core';
import { asObject, stringMember, stringsMember } from '../answer-json.ts';
import { readRequiredClaims } from '../need-info.ts';
import { UmaError, type UmaErrorCode } from '../uma-error.ts';

/** The error codes of the three documents (protocol.md 4.3). */
const CODES: ReadonlyMap<string, UmaErrorCode> = new Map([
  ['invalid_ticket', 'ticket_refused'],
  ['expired_ticket', 'ticket_refused'],
  ['invalid_requester_ticket', 'ticket_refused'],
  ['expired_requester_ticket', 'ticket_refused'],
  ['not_authorized_permission', 'request_denied'],
  ['not_authorized', 'request_denied'],
  ['need_claims', 'need_info'],
  ['need_info', 'need_info'],
  ['request_submitted', 'request_submitted'],
]);

/**
 * What an authorization server of UMA 1.0 refused, in the words of this library. `oauthError` keeps the server's own.
 * The older documents have no ticket to go on with in this house (C13): a `need_info` says what is missing and a `request_submitted` that the
 * owner was asked, and the next call begins anew.
 */
export function readUma1Refusal(status: number, body: JsonObject, asked: { readonly issuer: string; readonly ticket: string }): UmaError {
  const oauthError = stringMember(body, 'error');
  if (oauthError === undefined) return new UmaError('malformed_answer', { step: 8, status });
  const code = CODES.get(oauthError) ?? 'grant_refused';
  const facts = { step: 8, status, oauthError };
  return code === 'need_info' ? new UmaError(code, { ...facts, needInfo: readErrorDetails(body, asked) }) : new UmaError(code, facts);
}

/** 1.0.1 section 3.5.4: `error_details`; the drafts have no details. */
function readErrorDetails(body: JsonObject, { issuer, ticket }: { readonly issuer: string; readonly ticket: string }) {
  const details = asObject(body['error_details']) ?? {};
  const authentication = asObject(details['authentication_context']) ?? {};
  const claims = asObject(details['requesting_party_claims']) ?? {};
  return {
    issuer,
    ticket: stringMember(claims, 'ticket') ?? ticket,
    requiredClaims: readRequiredClaims(claims['required_claims']),
    acrValues: stringsMember(authentication, 'required_acr') ?? [],
  };
}
