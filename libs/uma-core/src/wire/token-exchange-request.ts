import { invalidRequest, invalidTarget } from '../errors/refusals.ts';
import type { Dialect } from '../model/client-registration.ts';
import type { SubjectTokenType } from '../ports/subject-tokens.ts';
import type { FormParameters } from './form-parameters.ts';
import { TICKET_HASH_PATTERN } from '../tokens/claim-rules.ts';
import { readScopes } from './uma-token-request.ts';
import { TOKEN_TYPE_URNS } from './urns.ts';

interface ExchangeParameters {
  readonly subjectToken: string;
  readonly subjectTokenType: SubjectTokenType;
  readonly resources: readonly string[];
  readonly audiences: readonly string[];
}

/** A token exchange request in the profile of the correlated flow (RFC 8693 2.1; protocol.md 1.9 message 5). */
export interface CorrelatedExchangeRequest extends ExchangeParameters {
  readonly actorToken: string;
  readonly ticketChallenge?: undefined;
}

/** A token exchange request in the ticket-challenge dialect (seed 002 step 4). */
export interface ChallengedExchangeRequest extends ExchangeParameters {
  readonly actorToken?: undefined;
  /** H(the whole ticket string), 43 characters, as the client says. */
  readonly ticketChallenge: string;
}

/** A token exchange request: bound to a ticket by the resource claims token, or by the ticket challenge. */
export type TokenExchangeRequest = CorrelatedExchangeRequest | ChallengedExchangeRequest;

const SUBJECT_TOKEN_TYPES: ReadonlyMap<string, SubjectTokenType> = new Map([
  [TOKEN_TYPE_URNS.accessToken, 'access_token'],
  [TOKEN_TYPE_URNS.idToken, 'id_token'],
  [TOKEN_TYPE_URNS.jwt, 'jwt'],
]);

/**
 * Reads the request from form parameters.
 * @param dialects older dialects that the client is marked for: `ticket_challenge` is read for `ticket-challenge` only
 * @throws ProtocolError `invalid_request` for missing, repeated or contradicting parameters, `invalid_scope` for one that is too long or malformed (A73), `invalid_target` for a `resource` that is no absolute URI without fragment
 */
export function readTokenExchangeRequest(form: FormParameters, dialects: readonly Dialect[] = []): TokenExchangeRequest {
  const requested = form.single('requested_token_type');
  if (requested !== undefined && requested !== TOKEN_TYPE_URNS.jwt) throw invalidRequest('requested_token_type_unsupported');
  // RFC 6749 3.3: a server may ignore scopes; a claims token has none.
  readScopes(form.single('scope'));
  const ticketChallenge = readTicketChallenge(form, dialects);
  const subjectTokenType = SUBJECT_TOKEN_TYPES.get(form.required('subject_token_type'));
  if (subjectTokenType === undefined) throw invalidRequest('subject_token_type_unsupported');
  const subjectToken = form.required('subject_token');
  const actorToken = form.single('actor_token');
  const actorTokenType = form.single('actor_token_type');
  // RFC 8693 2.1: actor_token_type is REQUIRED when actor_token is present and MUST NOT be included otherwise.
  if ((actorToken === undefined) !== (actorTokenType === undefined)) throw invalidRequest('actor_token_without_type_or_reverse');
  if (actorToken !== undefined && actorTokenType !== TOKEN_TYPE_URNS.jwt) throw invalidRequest('actor_token_type_unsupported');
  const resources = form.all('resource').filter((value) => value !== '');
  const audiences = form.all('audience').filter((value) => value !== '');
  if (resources.length + audiences.length > 8) throw invalidTarget('too_many_targets');
  for (const resource of resources) assertAbsoluteUri(resource);
  const parameters = { subjectToken, subjectTokenType, resources, audiences };
  if (ticketChallenge !== undefined) return { ...parameters, ticketChallenge };
  if (actorToken === undefined) throw invalidRequest('actor_token_missing');
  return { ...parameters, actorToken };
}

/** protocol.md C3, T21: the dialect of seed 002 is spoken by clients that are marked for it, and a request names one binding. */
function readTicketChallenge(form: FormParameters, dialects: readonly Dialect[]): string | undefined {
  if (form.all('ticket_challenge').length === 0) return undefined;
  if (!dialects.includes('ticket-challenge')) throw invalidRequest('ticket_challenge_not_accepted');
  if (form.all('actor_token').length + form.all('actor_token_type').length > 0) throw invalidRequest('ticket_challenge_and_actor_token');
  const challenge = form.required('ticket_challenge');
  if (!TICKET_HASH_PATTERN.test(challenge)) throw invalidRequest('ticket_challenge_malformed');
  return challenge;
}

/** RFC 8693 2.1: `resource` is an absolute URI (RFC 3986 4.3), so it has a scheme and no fragment. */
function assertAbsoluteUri(resource: string): void {
  const wellFormed = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s#"<>\\^`{|}]+$/.test(resource) && resource.length <= 2048;
  if (!wellFormed) throw invalidTarget('resource_not_an_absolute_uri');
}
