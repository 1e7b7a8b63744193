import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, API, CLIENT, party, type Party } from '../../test/token-support.ts';
import type { ResourceId } from '../model/ids.ts';
import type { Permission } from '../model/permission.ts';
import { mintRequestingPartyToken } from '../tokens/requesting-party-token.ts';
import type { Redemption } from '../use-cases/redeem-ticket.ts';
import { parseForm } from './form-parameters.ts';
import { oauthProfileAnswer, readOauthProfileRequest } from './oauth-profile.ts';
import { TOKEN_TYPE_URNS } from './urns.ts';

const { jwt, accessToken } = TOKEN_TYPE_URNS;
const GOOD = { subject_token: 'ticket', subject_token_type: jwt, actor_token: 'claims', actor_token_type: jwt, requested_token_type: accessToken };
const read = (changes: Record<string, string | undefined> = {}, more = '') => {
  const pairs = Object.entries({ ...GOOD, ...changes }).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return readOauthProfileRequest(parseForm(new URLSearchParams(pairs).toString() + more));
};

describe('A token exchange request in the OAuth profile (protocol.md 1.6)', () => {
  it('asks what a uma-ticket request asks', () => {
    expect(read({ scope: 'view edit' }, `&resource=${API}&resource=`)).toEqual({ ticket: 'ticket', claimToken: { token: 'claims', format: jwt }, scopes: ['view', 'edit'], resources: [API] });
    expect(read({ requested_token_type: undefined }).scopes).toEqual([]);
  });

  it.each([
    ['no ticket', { subject_token: undefined }, 'invalid_request'],
    ['no type of the ticket', { subject_token_type: undefined }, 'invalid_request'],
    ['a ticket as access token', { subject_token_type: accessToken }, 'invalid_request'],
    ['no claims token', { actor_token: undefined }, 'invalid_request'],
    ['no type of the claims token [T3]', { actor_token_type: undefined }, 'invalid_request'],
    ['a claims token as ID token', { actor_token_type: TOKEN_TYPE_URNS.idToken }, 'invalid_request'],
    ['a JWT requested [T9]', { requested_token_type: jwt }, 'invalid_request'],
    ['a logical name as target', { audience: 'RS API' }, 'invalid_target'],
    ['a malformed scope', { scope: 'a"b' }, 'invalid_scope'],
  ])('with %s is refused', (_what, changes, error) => {
    expect(() => read(changes)).toThrow(expect.objectContaining({ error, status: 400 }));
  });
});

describe('The answer of the OAuth profile', () => {
  let acme: Party;
  beforeAll(async () => {
    acme = await party('acme-1');
  });
  const granted = async (permissions: readonly Permission[]): Promise<Redemption> => {
    const { token: rpt } = await mintRequestingPartyToken({ issuer: ACME, audience: API, subject: 'bob@globex.example', clientId: CLIENT, permissions, lifetimeSeconds: 300 }, acme);
    return { outcome: 'granted', rpt, expiresIn: 300, tokenType: 'DPoP', resource: API, permissions, complete: true, upgraded: false };
  };
  const permission = (id: string, ...scopes: string[]): Permission => ({ resourceId: id as ResourceId, scopes });

  it('is that of token exchange, with the scopes of all permissions (RFC 8693 2.2.1)', async () => {
    const redemption = await granted([permission('res_1', 'view', 'edit'), permission('res_2', 'edit', 'print')]);
    expect(oauthProfileAnswer(redemption)).toEqual({ access_token: expect.any(String), issued_token_type: accessToken, token_type: 'DPoP', expires_in: 300, scope: 'view edit print' });
    expect(oauthProfileAnswer(await granted([permission('res_1')]))).not.toHaveProperty('scope');
  });

  it.each(['need_info', 'request_submitted', 'request_denied'])('to %s is invalid_request (RFC 8693 2.2.2)', (outcome) => {
    expect(() => oauthProfileAnswer({ outcome, reason: 'x' } as unknown as Redemption)).toThrow(expect.objectContaining({ error: 'invalid_request', status: 400, reason: `oauth_profile_${outcome}` }));
  });
});
