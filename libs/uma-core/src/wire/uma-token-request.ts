import { invalidRequest, invalidScope } from '../errors/refusals.ts';
import type { Dialect } from '../model/client-registration.ts';
import type { FormParameters } from './form-parameters.ts';
import { TOKEN_TYPE_URNS } from './urns.ts';

/** A uma-ticket token request (UMA Grant 3.3.1; `resource` of RFC 8707 2). */
export interface UmaTokenRequest {
  readonly ticket: string;
  readonly claimToken?: { readonly token: string; readonly format: string } | undefined;
  /** A persisted claims token, and an RPT to upgrade; what is not ours is ignored later on. */
  readonly pct?: string | undefined;
  readonly rpt?: string | undefined;
  readonly scopes: readonly string[];
  readonly resources: readonly string[];
}

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Reads the request from form parameters.
 * @param dialects older dialects that the client is marked for: `pushed_claims` (seed 002) is read for `ticket-challenge` only
 * @throws ProtocolError `invalid_request` for missing, repeated or incomplete parameters, `invalid_scope` for a scope that is too long or malformed
 */
export function readUmaTokenRequest(form: FormParameters, dialects: readonly Dialect[] = []): UmaTokenRequest {
  const ticket = form.required('ticket');
  const token = form.single('claim_token');
  const format = form.single('claim_token_format');
  // UMA Grant 3.3.1: claim_token and claim_token_format are REQUIRED together.
  if ((token === undefined) !== (format === undefined)) throw invalidRequest('claim_token_without_format_or_reverse');
  const pushed = readPushedClaims(form, dialects);
  if (pushed !== undefined && token !== undefined) throw invalidRequest('pushed_claims_and_claim_token');
  return {
    ticket,
    claimToken: token === undefined || format === undefined ? pushed : { token, format },
    pct: form.single('pct'),
    rpt: form.single('rpt'),
    scopes: readScopes(form.single('scope')),
    resources: form.all('resource').filter((value) => value !== ''),
  };
}

/** protocol.md C4: the legacy name of claim_token; its format is always a JWT (seed 002 step 6). */
function readPushedClaims(form: FormParameters, dialects: readonly Dialect[]): UmaTokenRequest['claimToken'] {
  if (form.all('pushed_claims').length === 0) return undefined;
  if (!dialects.includes('ticket-challenge')) throw invalidRequest('pushed_claims_not_accepted');
  return { token: form.required('pushed_claims'), format: TOKEN_TYPE_URNS.jwt };
}

/**
 * Splits a `scope` parameter (RFC 6749 3.3).
 * @throws ProtocolError `invalid_scope` beyond 2 KiB or 50 values (A73), or for characters that scope-token does not allow
 */
export function readScopes(scope: string | undefined): readonly string[] {
  if (scope === undefined) return [];
  if (scope.length > 2048) throw invalidScope('scope_too_long');
  const scopes = [...new Set(scope.split(' ').filter((value) => value !== ''))];
  if (scopes.length > 50) throw invalidScope('too_many_scopes');
  if (!scopes.every((value) => SCOPE_TOKEN.test(value))) throw invalidScope('scope_malformed');
  return scopes;
}
