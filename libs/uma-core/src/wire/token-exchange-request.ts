import { invalidRequest, invalidTarget } from '../errors/refusals.ts';
import type { SubjectTokenType } from '../ports/subject-tokens.ts';
import type { FormParameters } from './form-parameters.ts';
import { TOKEN_TYPE_URNS } from './urns.ts';

/** A token exchange request in the profile of the correlated flow (RFC 8693 2.1; protocol.md 1.9 message 5). */
export interface TokenExchangeRequest {
  readonly subjectToken: string;
  readonly subjectTokenType: SubjectTokenType;
  readonly actorToken: string;
  readonly resources: readonly string[];
  readonly audiences: readonly string[];
}

const SUBJECT_TOKEN_TYPES: ReadonlyMap<string, SubjectTokenType> = new Map([
  [TOKEN_TYPE_URNS.accessToken, 'access_token'],
  [TOKEN_TYPE_URNS.idToken, 'id_token'],
  [TOKEN_TYPE_URNS.jwt, 'jwt'],
]);

/**
 * Reads the request from form parameters.
 * @throws ProtocolError `invalid_request` for missing, repeated or contradicting parameters, `invalid_target` for a `resource` that is no absolute URI without fragment
 */
export function readTokenExchangeRequest(form: FormParameters): TokenExchangeRequest {
  const requested = form.single('requested_token_type');
  if (requested !== undefined && requested !== TOKEN_TYPE_URNS.jwt) throw invalidRequest('requested_token_type_unsupported');
  // protocol.md C3: ticket_challenge belongs to another binding; a request names one binding.
  if (form.all('ticket_challenge').length > 0) throw invalidRequest('ticket_challenge_not_accepted');
  const subjectTokenType = SUBJECT_TOKEN_TYPES.get(form.required('subject_token_type'));
  if (subjectTokenType === undefined) throw invalidRequest('subject_token_type_unsupported');
  const subjectToken = form.required('subject_token');
  const actorToken = form.single('actor_token');
  const actorTokenType = form.single('actor_token_type');
  // RFC 8693 2.1: actor_token_type is REQUIRED when actor_token is present and MUST NOT be included otherwise.
  if ((actorToken === undefined) !== (actorTokenType === undefined)) throw invalidRequest('actor_token_without_type_or_reverse');
  if (actorToken === undefined) throw invalidRequest('actor_token_missing');
  if (actorTokenType !== TOKEN_TYPE_URNS.jwt) throw invalidRequest('actor_token_type_unsupported');
  const resources = form.all('resource').filter((value) => value !== '');
  const audiences = form.all('audience').filter((value) => value !== '');
  if (resources.length + audiences.length > 8) throw invalidTarget('too_many_targets');
  for (const resource of resources) assertAbsoluteUri(resource);
  return { subjectToken, subjectTokenType, actorToken, resources, audiences };
}

/** RFC 8693 2.1: `resource` is an absolute URI (RFC 3986 4.3), so it has a scheme and no fragment. */
function assertAbsoluteUri(resource: string): void {
  const wellFormed = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s#"<>\\^`{|}]+$/.test(resource) && resource.length <= 2048;
  if (!wellFormed) throw invalidTarget('resource_not_an_absolute_uri');
}
