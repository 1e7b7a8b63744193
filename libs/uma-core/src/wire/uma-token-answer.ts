import type { JsonObject, JsonValue } from '../model/json.ts';
import type { NeededClaim } from '../policy/evaluate.ts';
import type { Redemption } from '../use-cases/redeem-ticket.ts';
import { TOKEN_TYPE_URNS } from './urns.ts';

/** Registered claim names as URIs (protocol.md 7.2). */
const CLAIM_TYPE = 'urn:ietf:params:oauth:claim:';

/** Status and body of a uma-ticket answer. */
export interface UmaTokenAnswer {
  readonly status: 200 | 403;
  readonly body: JsonObject;
}

/**
 * Serialises the answer of the uma-ticket grant (UMA Grant 3.3.5 without `scope` [G26], 3.3.6; protocol.md 1.9).
 * need_info and request_submitted carry a fresh `resource_claims_token` besides the ticket (D1).
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
          upgraded: redemption.upgraded,
          ...(redemption.pct === undefined ? {} : { pct: redemption.pct }),
          ...(redemption.refreshToken === undefined ? {} : { refresh_token: redemption.refreshToken }),
        },
      };
    case 'need_info':
      return {
        status: 403,
        body: {
          error: 'need_info',
          error_description: 'The authorization server needs more information about the requesting party.',
          ticket: redemption.tickets.ticket,
          required_claims: redemption.needed.map((claim) => requiredClaim(claim, redemption.issuer)),
          ...acrValues(redemption.needed),
          ...maxAge(redemption.needed),
          resource_claims_token: redemption.tickets.resourceClaimsToken,
          issued_token_type: TOKEN_TYPE_URNS.jwt,
        },
      };
    case 'request_submitted':
      return {
        status: 403,
        body: {
          error: 'request_submitted',
          error_description: 'The resource owner has been asked. Ask again with the new ticket.',
          ticket: redemption.tickets.ticket,
          interval: redemption.intervalSeconds,
          resource_claims_token: redemption.tickets.resourceClaimsToken,
          issued_token_type: TOKEN_TYPE_URNS.jwt,
        },
      };
    case 'request_denied':
      return { status: 403, body: { error: 'request_denied', error_description: 'The request was denied.' } };
  }
}

/**
 * A member of `required_claims` (UMA Grant 3.3.6). Who may vouch is said only of a person who is known already: a list of issuers would tell
 * whom the owner shares with.
 */
export function requiredClaim(claim: NeededClaim, issuer: string | undefined): JsonValue {
  const common = { claim_token_format: [TOKEN_TYPE_URNS.jwt], ...(issuer === undefined ? {} : { issuer: [issuer] }) };
  switch (claim.kind) {
    case 'identity':
      return { ...common, name: 'email', claim_type: `${CLAIM_TYPE}email`, friendly_name: 'Your e-mail address, vouched for by your own organisation' };
    case 'acr':
      return { ...common, name: 'acr', claim_type: `${CLAIM_TYPE}acr`, friendly_name: 'A stronger sign-in at your own organisation' };
    case 'auth_time':
      return { ...common, name: 'auth_time', claim_type: `${CLAIM_TYPE}auth_time`, friendly_name: 'A fresh sign-in at your own organisation' };
    case 'claim':
      return { ...common, name: claim.name, friendly_name: claim.name };
  }
}

/** RFC 9470 names and syntax: space-separated in order of preference. */
function acrValues(needed: readonly NeededClaim[]): JsonObject {
  const values = [...new Set(needed.flatMap((claim) => (claim.kind === 'acr' ? claim.values : [])))];
  return values.length === 0 ? {} : { acr_values: values.join(' ') };
}

/** RFC 9470: seconds; a sign-in that is good for one of several shares is enough, so the longest. */
function maxAge(needed: readonly NeededClaim[]): JsonObject {
  const ages = needed.flatMap((claim) => (claim.kind === 'auth_time' ? [claim.maxAgeSeconds] : []));
  return ages.length === 0 ? {} : { max_age: Math.max(...ages) };
}
