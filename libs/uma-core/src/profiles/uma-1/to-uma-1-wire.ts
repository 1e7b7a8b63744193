import type { ProtocolError } from '../../errors/protocol-error.ts';
import { toWire } from '../../errors/to-wire.ts';
import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { NeededClaim } from '../../policy/evaluate.ts';
import { requiredClaim } from '../../wire/uma-token-answer.ts';
import type { Uma1Outcome } from './add-authorization.ts';
import { uma1MediaType } from './uma-1-media-types.ts';
import type { Uma1Version } from './uma-1-version.ts';

/** An answer as it goes over the wire. */
export interface Uma1Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly mediaType: string;
  readonly body: JsonValue;
}

/** The codes that the three documents have for one refusal (protocol.md 4.3). */
const CODES = {
  unknownTicket: { 'draft-05': 'invalid_requester_ticket', 'draft-07': 'invalid_ticket', '1.0.1': 'invalid_ticket' },
  expiredTicket: { 'draft-05': 'expired_requester_ticket', 'draft-07': 'expired_ticket', '1.0.1': 'expired_ticket' },
  notAuthorized: { 'draft-05': 'not_authorized_permission', 'draft-07': 'not_authorized_permission', '1.0.1': 'not_authorized' },
  submitted: { 'draft-05': 'not_authorized_permission', 'draft-07': 'not_authorized_permission', '1.0.1': 'request_submitted' },
  needInfo: { 'draft-05': 'need_claims', 'draft-07': 'need_claims', '1.0.1': 'need_info' },
} as const satisfies Record<string, Record<Uma1Version, string>>;

/** Reasons of `invalid_grant` that mean: its time is over. Everything else, used tickets included, looks unknown (C13). */
const EXPIRED: readonly string[] = ['ticket_expired', 'process_deadline_passed'];

/**
 * A refusal in the words of the older documents (protocol.md 4.3). Refusals of OAuth, which is what has a challenge, stay what they are
 * (D05 4.1, D07 4.1).
 */
export function refusalToUma1Wire(refusal: ProtocolError, version: Uma1Version): Uma1Answer {
  const { status, headers, body } = toWire(refusal);
  if (Object.hasOwn(headers, 'WWW-Authenticate')) return { status, headers, mediaType: 'application/json', body: { ...body } };
  const { error_description } = body;
  const translated = translate(refusal, version);
  return failure(translated.status, translated.error, error_description === undefined ? {} : { error_description }, version, headers);
}

/** The answer to an authorization request (D05 3.4.5, D07 3.4.2: no success body is specified, so it is that of V101 3.5.3). */
export function outcomeToUma1Wire(outcome: Uma1Outcome, version: Uma1Version): Uma1Answer {
  switch (outcome.outcome) {
    case 'authorized':
      return { status: 200, headers: NO_STORE, mediaType: uma1MediaType('rpt', version), body: { rpt: outcome.rpt } };
    case 'need_info':
      return failure(403, CODES.needInfo[version], version === '1.0.1' ? { error_details: errorDetails(outcome.needed) } : {}, version);
    case 'submitted':
      return failure(403, CODES.submitted[version], {}, version);
    case 'not_authorized':
      return failure(403, CODES.notAuthorized[version], {}, version);
  }
}

const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

/** "status": "error" is a member in the drafts and not in 1.0.1. */
function failure(status: number, error: string, members: JsonObject, version: Uma1Version, headers: Readonly<Record<string, string>> = NO_STORE): Uma1Answer {
  const marked = version === '1.0.1' ? {} : { status: 'error' };
  return { status, headers, mediaType: uma1MediaType('status', version), body: { ...marked, error, ...members } };
}

function translate({ error, status, reason }: ProtocolError, version: Uma1Version): { readonly error: string; readonly status: number } {
  switch (error) {
    case 'invalid_grant':
      return { error: CODES[EXPIRED.includes(reason) ? 'expiredTicket' : 'unknownTicket'][version], status: 400 };
    // A client that must name its RS cannot do so here.
    case 'invalid_target':
      return { error: CODES.notAuthorized[version], status: 403 };
    case 'invalid_resource_id':
      return { error: 'invalid_resource_set_id', status };
    default:
      return { error, status };
  }
}

/** V101 3.5.4 `error_details`: hints at what is missing. */
function errorDetails(needed: readonly NeededClaim[]): JsonObject {
  const acr = [...new Set(needed.flatMap((claim) => (claim.kind === 'acr' ? claim.values : [])))];
  const claims = needed.filter(({ kind }) => kind !== 'acr').map((claim) => requiredClaim(claim, undefined));
  return {
    ...(acr.length === 0 ? {} : { authentication_context: { required_acr: acr } }),
    ...(claims.length === 0 ? {} : { requesting_party_claims: { required_claims: claims } }),
  };
}
