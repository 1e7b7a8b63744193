import { invalidRequest, invalidScope, invalidTarget } from '../errors/refusals.ts';
import type { FormParameters } from './form-parameters.ts';
import { readScopes } from './uma-token-request.ts';
import { PROTECTION_SCOPE, TOKEN_TYPE_URNS } from './urns.ts';

/** A resource server's request for a PAT of a person: token exchange of the owner's own token (RFC 8693 2.1; Federated Authorization 1.3). */
export interface ProtectionTokenRequest {
  readonly subjectToken: string;
  readonly subjectTokenType: 'access_token' | 'id_token';
}

/**
 * Reads the request from form parameters. `scope` may be left out: there is one scope to be had.
 * @param issuer the own issuer, the only target
 * @throws ProtocolError `invalid_request` for missing or unsupported parameters, `invalid_scope` for any other scope, `invalid_target` for another target
 */
export function readProtectionTokenRequest(form: FormParameters, issuer: string): ProtectionTokenRequest {
  requireAccessTokenRequested(form);
  // RFC 8693 2.1: actor_token_type "MUST NOT be included" without actor_token.
  if (form.single('actor_token_type') !== undefined) throw invalidRequest('actor_token_without_type_or_reverse');
  const type = form.required('subject_token_type');
  if (type !== TOKEN_TYPE_URNS.accessToken && type !== TOKEN_TYPE_URNS.idToken) throw invalidRequest('subject_token_type_unsupported');
  const subjectToken = form.required('subject_token');
  if (readScopes(form.single('scope')).some((scope) => scope !== PROTECTION_SCOPE)) throw invalidScope('scope_is_not_the_protection_scope');
  const targets = [...form.all('resource'), ...form.all('audience')].filter((value) => value !== '');
  if (targets.some((target) => target !== issuer)) throw invalidTarget('target_is_not_this_server');
  return { subjectToken, subjectTokenType: type === TOKEN_TYPE_URNS.idToken ? 'id_token' : 'access_token' };
}

/**
 * AS-RO's token endpoint issues access tokens and nothing else.
 * @throws ProtocolError `invalid_request` when another type is requested
 */
export function requireAccessTokenRequested(form: FormParameters): void {
  const requested = form.single('requested_token_type');
  if (requested !== undefined && requested !== TOKEN_TYPE_URNS.accessToken) throw invalidRequest('requested_token_type_unsupported');
}
