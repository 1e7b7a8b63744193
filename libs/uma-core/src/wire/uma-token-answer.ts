import type { JsonObject, JsonValue } from '../model/json.ts';
import type { NeededClaim } from '../policy/evaluate.ts';
import type { Redemption } from '../use-cases/redeem-ticket.ts';
import { TOKEN_TYPE_URNS } from './urns.ts';

/** Status and body of a uma-ticket answer. */
export interface UmaTokenAnswer {
  readonly status: 200 | 403;
  readonly body: JsonObject;
}

/**
 * Serialises the answer of the uma-ticket grant (UMA Grant 3.3.5 without `scope` [G26], 3.3.6; protocol.md 1.9).
 * need_info carries a fresh `resource_claims_token` besides the ticket (D1).
 */
export function umaTokenAnswer(redemption: Redemption): UmaTokenAnswer {
  switch (redemption.outcome) {
    case 'granted':
      return {
        status: 200,
        body: {
          access_token: redemption.rpt,
          token_type: redemption.tokenType,
          expires_in: redemption.expiresIn,
          resource: redemption.resource,
          upgraded: false,
        },
      };
    case 'need_info':
      return {
        status: 403,
        body: {
          error: 'need_info',
          error_description: 'The authorization server needs more information about the requesting party.',
          ticket: redemption.tickets.ticket,
          required_claims: redemption.needed.map(requiredClaim),
          ...acrValues(redemption.needed),
          resource_claims_token: redemption.tickets.resourceClaimsToken,
          issued_token_type: TOKEN_TYPE_URNS.jwt,
        },
      };
    case 'request_denied':
      return { status: 403, body: { error: 'request_denied', error_description: 'The request was denied.' } };
  }
}

/** A member of `required_claims` (UMA Grant 3.3.6). */
export function requiredClaim(claim: NeededClaim): JsonValue {
  const claim_token_format = [TOKEN_TYPE_URNS.jwt];
  switch (claim.kind) {
    case 'identity':
      return { claim_token_format, name: 'email', claim_type: 'urn:ietf:params:oauth:claim:email', friendly_name: 'Your e-mail address, vouched for by your own organisation' };
    case 'acr':
      return { claim_token_format, name: 'acr', claim_type: 'urn:ietf:params:oauth:claim:acr', friendly_name: 'A stronger sign-in at your own organisation' };
    case 'claim':
      return { claim_token_format, name: claim.name, friendly_name: claim.name };
  }
}

/** RFC 9470 names and syntax: space-separated in order of preference. */
function acrValues(needed: readonly NeededClaim[]): JsonObject {
  const values = [...new Set(needed.flatMap((claim) => (claim.kind === 'acr' ? claim.values : [])))];
  return values.length === 0 ? {} : { acr_values: values.join(' ') };
}
