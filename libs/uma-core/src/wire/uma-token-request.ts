import { invalidRequest, invalidScope } from '../errors/refusals.ts';
import type { FormParameters } from './form-parameters.ts';

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
 * @throws ProtocolError `invalid_request` for missing, repeated or incomplete parameters, `invalid_scope` for a scope that is too long or malformed
 */
export function readUmaTokenRequest(form: FormParameters): UmaTokenRequest {
  const ticket = form.required('ticket');
  const token = form.single('claim_token');
  const format = form.single('claim_token_format');
  // UMA Grant 3.3.1: claim_token and claim_token_format are REQUIRED together.
  if ((token === undefined) !== (format === undefined)) throw invalidRequest('claim_token_without_format_or_reverse');
  // protocol.md C4: pushed_claims is the legacy name; a request speaks one dialect.
  if (form.all('pushed_claims').length > 0) throw invalidRequest('pushed_claims_not_accepted');
  return {
    ticket,
    claimToken: token === undefined || format === undefined ? undefined : { token, format },
    pct: form.single('pct'),
    rpt: form.single('rpt'),
    scopes: readScopes(form.single('scope')),
    resources: form.all('resource').filter((value) => value !== ''),
  };
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
