import { invalidRequest, invalidTarget } from '../errors/refusals.ts';
import type { JsonObject } from '../model/json.ts';
import { parseCompactJws } from '../tokens/parse-compact-jws.ts';
import type { Redemption } from '../use-cases/redeem-ticket.ts';
import type { FormParameters } from './form-parameters.ts';
import { requireAccessTokenRequested } from './protection-token-request.ts';
import { readScopes, type UmaTokenRequest } from './uma-token-request.ts';
import { TOKEN_TYPE_URNS } from './urns.ts';

/**
 * Reads a token exchange request of the OAuth profile of Correlated Authorization (protocol.md 1.6): the ticket is the subject token, the
 * identity claims token the actor token. What it asks is what a uma-ticket request asks.
 * @throws ProtocolError `invalid_request` for missing or unsupported parameters, `invalid_scope` as `readScopes` says, `invalid_target` for `audience`
 */
export function readOauthProfileRequest(form: FormParameters): UmaTokenRequest {
  requireAccessTokenRequested(form);
  for (const slot of ['subject_token_type', 'actor_token_type']) {
    if (form.required(slot) !== TOKEN_TYPE_URNS.jwt) throw invalidRequest(`${slot}_unsupported`);
  }
  // The ticket says which RS the token is for; `resource` may name that one (RFC 8707), logical names are not known here.
  if (form.all('audience').some((audience) => audience !== '')) throw invalidTarget('audience_unknown');
  return {
    ticket: form.required('subject_token'),
    claimToken: { token: form.required('actor_token'), format: TOKEN_TYPE_URNS.jwt },
    scopes: readScopes(form.single('scope')),
    resources: form.all('resource').filter((value) => value !== ''),
  };
}

/**
 * Serialises a redemption as token exchange answers it (RFC 8693 2.2.1). The token is an RPT in the form of the UMA profile (protocol.md C10).
 * Answers that ask for more, or deny, have no counterpart in OAuth: RFC 8693 2.2.2 calls tokens that are "unacceptable based on policy"
 * `invalid_request`. The ticket is used up; the client gets the next one from the RS.
 * @throws ProtocolError `invalid_request` for anything but a grant
 */
export function oauthProfileAnswer(redemption: Redemption): JsonObject {
  if (redemption.outcome !== 'granted') throw invalidRequest(`oauth_profile_${redemption.outcome}`);
  const scope = scopesOf(redemption.rpt).join(' ');
  return {
    access_token: redemption.rpt,
    issued_token_type: TOKEN_TYPE_URNS.accessToken,
    token_type: redemption.tokenType,
    expires_in: redemption.expiresIn,
    // RFC 8693 2.2.1: REQUIRED when it is not what was requested; the ticket's permissions may be granted in part (Decision D8).
    ...(scope === '' ? {} : { scope }),
  };
}

/** The scopes of all permissions of a token that this server has just made. */
function scopesOf(rpt: string): readonly string[] {
  const { permissions } = parseCompactJws(rpt).claims as { permissions?: readonly { resource_scopes: readonly string[] }[] };
  return [...new Set(permissions?.flatMap(({ resource_scopes }) => resource_scopes))];
}
