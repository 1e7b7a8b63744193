import { describe, expect, it } from '@jest/globals';
import { parseForm } from './form-parameters.ts';
import { readProtectionTokenRequest } from './protection-token-request.ts';
import { TOKEN_TYPE_URNS } from './urns.ts';

const ISSUER = 'https://as.acme.example';
const GOOD = { subject_token: 'subject', subject_token_type: TOKEN_TYPE_URNS.idToken, scope: 'uma_protection', requested_token_type: TOKEN_TYPE_URNS.accessToken };
const read = (changes: Record<string, string | undefined> = {}, more = '') => {
  const pairs = Object.entries({ ...GOOD, ...changes }).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return readProtectionTokenRequest(parseForm(new URLSearchParams(pairs).toString() + more), ISSUER);
};

describe('A request for a PAT of a person', () => {
  it.each([
    [TOKEN_TYPE_URNS.idToken, 'id_token'],
    [TOKEN_TYPE_URNS.accessToken, 'access_token'],
  ])('takes subject tokens of the type %s', (urn, type) => {
    expect(read({ subject_token_type: urn })).toEqual({ subjectToken: 'subject', subjectTokenType: type });
  });

  it('needs neither scope nor requested_token_type, and may name this server, twice', () => {
    expect(read({ scope: undefined, requested_token_type: undefined }, `&resource=${ISSUER}&audience=${ISSUER}&resource=`)).toMatchObject({ subjectToken: 'subject' });
  });

  it.each([
    ['no subject_token [T2]', { subject_token: undefined }, 'invalid_request'],
    ['no subject_token_type [T2]', { subject_token_type: undefined }, 'invalid_request'],
    ['an unknown subject_token_type', { subject_token_type: TOKEN_TYPE_URNS.jwt }, 'invalid_request'],
    ['actor_token_type without a token [T3]', { actor_token_type: TOKEN_TYPE_URNS.jwt }, 'invalid_request'],
    ['another token requested [T9]', { requested_token_type: TOKEN_TYPE_URNS.jwt }, 'invalid_request'],
    ['another scope', { scope: 'uma_protection openid' }, 'invalid_scope'],
    ['another server as resource', { resource: 'https://as.globex.example' }, 'invalid_target'],
    ['another server as audience', { audience: 'globex' }, 'invalid_target'],
  ])('with %s is refused', (_what, changes, error) => {
    expect(() => read(changes)).toThrow(expect.objectContaining({ error, status: 400 }));
  });
});
