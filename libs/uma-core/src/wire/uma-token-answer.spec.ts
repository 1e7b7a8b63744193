import { describe, expect, it } from '@jest/globals';
import { umaTokenAnswer } from './uma-token-answer.ts';

const tickets = { ticket: 'PT', resourceClaimsToken: 'RCT', expiresAt: 1 };
const FORMAT = ['urn:ietf:params:oauth:token-type:jwt'];

describe('The answer of the uma-ticket grant', () => {
  it('to a granted request has the form of RFC 6749 5.1, no scope, and the RS that the RPT is for [G25, G26]', () => {
    expect(umaTokenAnswer({ outcome: 'granted', rpt: 'RPT', expiresIn: 60, tokenType: 'DPoP', resource: 'https://rs.example', complete: false, permissions: [], upgraded: false })).toEqual({
      status: 200,
      body: { access_token: 'RPT', token_type: 'DPoP', expires_in: 60, resource: 'https://rs.example', upgraded: false },
    });
  });

  it('that needs more carries the new ticket, the claims token bound to it and what is needed [G35]', () => {
    const { status, body } = umaTokenAnswer({
      outcome: 'need_info',
      tickets,
      reason: 'claims_needed',
      needed: [{ kind: 'identity' }, { kind: 'acr', values: ['otp', 'fpt'] }, { kind: 'acr', values: ['fpt', 'hw'] }, { kind: 'claim', name: 'department' }],
    });
    expect(status).toBe(403);
    expect(body).toEqual({
      error: 'need_info',
      error_description: expect.any(String),
      ticket: 'PT',
      resource_claims_token: 'RCT',
      issued_token_type: FORMAT[0],
      acr_values: 'otp fpt hw',
      required_claims: [
        { claim_token_format: FORMAT, name: 'email', claim_type: 'urn:ietf:params:oauth:claim:email', friendly_name: expect.any(String) },
        { claim_token_format: FORMAT, name: 'acr', claim_type: 'urn:ietf:params:oauth:claim:acr', friendly_name: expect.any(String) },
        { claim_token_format: FORMAT, name: 'acr', claim_type: 'urn:ietf:params:oauth:claim:acr', friendly_name: expect.any(String) },
        { claim_token_format: FORMAT, name: 'department', friendly_name: 'department' },
      ],
    });
  });

  it('to a denied request has no ticket and no reason [G37]', () => {
    const { status, body } = umaTokenAnswer({ outcome: 'request_denied', reason: 'policy_not_the_grantee' });
    expect({ status, members: Object.keys(body), error: body['error'] }).toEqual({ status: 403, members: ['error', 'error_description'], error: 'request_denied' });
    expect(JSON.stringify(body)).not.toContain('grantee');
  });
});
