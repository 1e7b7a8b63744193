import { describe, expect, it } from '@jest/globals';
import { bearerRefusal, invalidGrant, invalidRequest, invalidResourceId, invalidScope, invalidTarget, notFound, temporarilyUnavailable } from '../../errors/refusals.ts';
import type { Uma1Outcome } from './add-authorization.ts';
import { outcomeToUma1Wire, refusalToUma1Wire } from './to-uma-1-wire.ts';
import type { Uma1Version } from './uma-1-version.ts';

const VERSIONS: readonly Uma1Version[] = ['draft-05', 'draft-07', '1.0.1'];

/** protocol.md 4.3, row by row: D05, D07, V101. */
describe('A refusal', () => {
  it.each([
    ['an unknown ticket [L8]', invalidGrant('ticket_malformed'), 400, ['invalid_requester_ticket', 'invalid_ticket', 'invalid_ticket']],
    ['a used ticket [L13]', invalidGrant('ticket_used'), 400, ['invalid_requester_ticket', 'invalid_ticket', 'invalid_ticket']],
    ['an expired ticket [L9]', invalidGrant('ticket_expired'), 400, ['expired_requester_ticket', 'expired_ticket', 'expired_ticket']],
    ['a process past its deadline [L9]', invalidGrant('process_deadline_passed'), 400, ['expired_requester_ticket', 'expired_ticket', 'expired_ticket']],
    ['an RS that cannot be named', invalidTarget('x'), 403, ['not_authorized_permission', 'not_authorized_permission', 'not_authorized']],
    ['something malformed', invalidRequest('x'), 400, ['invalid_request', 'invalid_request', 'invalid_request']],
    ['an unknown resource set', invalidResourceId('x'), 400, ['invalid_resource_set_id', 'invalid_resource_set_id', 'invalid_resource_set_id']],
    ['an unknown scope', invalidScope('x'), 400, ['invalid_scope', 'invalid_scope', 'invalid_scope']],
    ['a missing resource set', notFound('x'), 404, ['not_found', 'not_found', 'not_found']],
  ])('of %s has the code and the status of each version', (_what, refusal, status, codes) => {
    VERSIONS.forEach((version, index) => {
      const answer = refusalToUma1Wire(refusal, version);
      expect(answer).toMatchObject({ status, headers: { 'Cache-Control': 'no-store' }, body: { error: codes[index] } });
      expect((answer.body as { status?: string }).status).toBe(version === '1.0.1' ? undefined : 'error');
      expect(answer.mediaType).toBe(version === 'draft-05' ? 'application/uma-status+json' : 'application/json');
    });
  });

  it('of OAuth stays what it is: status, challenge, body', () => {
    for (const version of VERSIONS) {
      const answer = refusalToUma1Wire(bearerRefusal('invalid_token', 'x'), version);
      expect(answer).toMatchObject({ status: 401, mediaType: 'application/json', headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' }, body: { error: 'invalid_token' } });
      expect(answer.body).not.toHaveProperty('status');
    }
  });

  it('keeps headers such as Retry-After, and tells no reason', () => {
    const answer = refusalToUma1Wire(temporarilyUnavailable('store_unavailable', 7, 'detail'), 'draft-07');
    expect(answer).toMatchObject({ status: 503, headers: { 'Retry-After': '7' } });
    expect(JSON.stringify(answer)).not.toMatch(/store_unavailable|detail/);
  });
});

describe('An outcome', () => {
  const codes = (outcome: Uma1Outcome) => VERSIONS.map((version) => (outcomeToUma1Wire(outcome, version).body as { error?: string }).error);

  it('has the code of each version, and 403, when nothing was added [L10, L11]', () => {
    expect(codes({ outcome: 'not_authorized', reason: 'x' })).toEqual(['not_authorized_permission', 'not_authorized_permission', 'not_authorized']);
    expect(codes({ outcome: 'submitted', reason: 'x' })).toEqual(['not_authorized_permission', 'not_authorized_permission', 'request_submitted']);
    expect(codes({ outcome: 'need_info', needed: [], reason: 'x' })).toEqual(['need_claims', 'need_claims', 'need_info']);
    for (const version of VERSIONS) expect(outcomeToUma1Wire({ outcome: 'submitted', reason: 'x' }, version)).toMatchObject({ status: 403, headers: { 'Cache-Control': 'no-store' } });
  });

  it('says in 1.0.1 what is missing, and in the drafts nothing of it', () => {
    const outcome: Uma1Outcome = { outcome: 'need_info', needed: [{ kind: 'acr', values: ['phr', 'mfa'] }, { kind: 'claim', name: 'department' }], reason: 'x' };
    expect(outcomeToUma1Wire(outcome, '1.0.1').body).toMatchObject({
      error_details: { authentication_context: { required_acr: ['phr', 'mfa'] }, requesting_party_claims: { required_claims: [{ name: 'department' }] } },
    });
    expect(outcomeToUma1Wire(outcome, 'draft-07').body).toEqual({ status: 'error', error: 'need_claims' });
  });

  it('is the RPT when permissions were added', () => {
    expect(VERSIONS.map((version) => outcomeToUma1Wire({ outcome: 'authorized', rpt: 'uma1_x' }, version))).toMatchObject([
      { status: 200, mediaType: 'application/uma-rpt+json', body: { rpt: 'uma1_x' } },
      { status: 200, mediaType: 'application/json', body: { rpt: 'uma1_x' } },
      { status: 200, mediaType: 'application/json', body: { rpt: 'uma1_x' } },
    ]);
  });
});
