import type { JsonObject } from '@uma-federation/uma-core';
import { asObject, integerMember, stringMember, stringsMember } from './answer-json.ts';
import { UmaError, type NeedInfo, type RequiredClaim, type SubmittedRequest } from './uma-error.ts';

/**
 * Reads a `need_info` answer (UMA Grant 3.3.6; protocol.md 7.2). Members it does not know are ignored (G9).
 * @param presented the ticket that was sent
 * @throws UmaError `malformed_answer` without a ticket, `ticket_unchanged` when it is the one that was sent (G60)
 */
export function readNeedInfo(body: JsonObject, issuer: string, presented: string): NeedInfo {
  return {
    issuer,
    ticket: freshTicket(body, presented),
    requiredClaims: readRequiredClaims(body['required_claims']),
    redirectUser: stringMember(body, 'redirect_user'),
    resourceClaimsToken: stringMember(body, 'resource_claims_token'),
    acrValues: stringMember(body, 'acr_values')?.split(' ').filter((value) => value !== '') ?? [],
    maxAgeSeconds: integerMember(body, 'max_age'),
  };
}

/** How long to wait when a server does not say: the default of RFC 8628 3.2, since UMA has none. */
const DEFAULT_INTERVAL_SECONDS = 5;
/** No server makes this client poll without a pause. */
const LEAST_INTERVAL_SECONDS = 1;

/**
 * Reads a `request_submitted` answer (UMA Grant 3.3.6).
 * @param asked what was asked for: the URL and the resource server
 * @param now NumericDate
 * @throws UmaError as `readNeedInfo`
 */
export function readSubmittedRequest(
  body: JsonObject,
  presented: string,
  { issuer, url, resource, now }: { readonly issuer: string; readonly url: URL; readonly resource: string; readonly now: number },
): SubmittedRequest {
  const intervalSeconds = integerMember(body, 'interval');
  const earliestAt = earliestPoll(now, pollIntervalSeconds(intervalSeconds));
  return { issuer, ticket: freshTicket(body, presented), intervalSeconds, url: url.href, resource, earliestAt, verified: false };
}

/** How long the client waits before it asks again (G40). @param named `interval` of the answer */
export function pollIntervalSeconds(named: number | undefined): number {
  return Math.max(LEAST_INTERVAL_SECONDS, named ?? DEFAULT_INTERVAL_SECONDS);
}

/** From when on a poll is not too early, whatever part of its second `now` was read in. */
export function earliestPoll(now: number, intervalSeconds: number): number {
  return now + intervalSeconds + 1;
}

/** UMA Grant 3.3.6: the answer carries a ticket that differs from the one presented; the client checks it (G60). */
function freshTicket(body: JsonObject, presented: string): string {
  const ticket = stringMember(body, 'ticket');
  if (ticket === undefined) throw new UmaError('malformed_answer', { step: 8, status: 403 });
  if (ticket === presented) throw new UmaError('ticket_unchanged', { step: 8, status: 403 });
  return ticket;
}

/** The value of `required_claims`: what is no object in it is left out. */
export function readRequiredClaims(value: unknown): readonly RequiredClaim[] {
  return Array.isArray(value) ? value.map(readRequiredClaim).filter((claim) => claim !== undefined) : [];
}

function readRequiredClaim(value: unknown): RequiredClaim | undefined {
  const claim = asObject(value as JsonObject);
  if (claim === undefined) return undefined;
  return {
    name: stringMember(claim, 'name'),
    friendlyName: stringMember(claim, 'friendly_name'),
    claimType: stringMember(claim, 'claim_type'),
    claimTokenFormat: stringsMember(claim, 'claim_token_format'),
    issuer: stringsMember(claim, 'issuer'),
  };
}
