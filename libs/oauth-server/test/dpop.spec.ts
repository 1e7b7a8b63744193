import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SystemRandomness } from '@uma-federation/keys';
import { generateDpopKey, mintDpopProof, verifyAccessToken, type DpopKey, type DpopRequest } from '@uma-federation/uma-core';
import { basic, createTestServer, ECHO_GRANT, ISSUER, PROTECTED_URL, SECRET, TOKEN_URL, type TestServer } from './test-server.ts';

const CONFIDENTIAL = { authorization: basic('confidential', SECRET) };

describe('A76 DPoP', () => {
  let server: TestServer;
  let key: DpopKey;
  let otherKey: DpopKey;
  beforeAll(async () => {
    server = await createTestServer();
    [key, otherKey] = [await generateDpopKey(), await generateDpopKey()];
  });
  afterAll(async () => server.application.close());
  beforeEach(() => {
    server.rawLog.length = 0;
  });

  const proof = (request: Partial<DpopRequest> = {}, at = server.clock.now(), by = key) =>
    mintDpopProof({ method: 'POST', url: TOKEN_URL, ...request }, { key: by, clock: { now: () => at }, randomness: new SystemRandomness() });
  const outcome = (answer: { statusCode: number; body: string }) => [answer.statusCode, (JSON.parse(answer.body) as { error?: string }).error];
  const reason = (): unknown => (JSON.parse(server.rawLog.at(-1) ?? '{}') as { reason?: string }).reason;

  describe('at the token endpoint', () => {
    const echo = (dpop: string) => server.token({ grant_type: ECHO_GRANT }, { ...CONFIDENTIAL, dpop });

    it('hands the thumbprint of the proven key to the grant', async () => {
      expect((await echo(await proof())).json()).toMatchObject({ jkt: key.thumbprint });
    });

    it('binds the token of client credentials to the key', async () => {
      const answer = await server.token({ grant_type: 'client_credentials' }, { ...CONFIDENTIAL, dpop: await proof() });
      expect(answer.json()).toMatchObject({ token_type: 'DPoP' });
      const { access_token: token } = answer.json<{ access_token: string }>();
      const verified = await verifyAccessToken(token, { issuer: ISSUER, audience: ISSUER, keys: server.verification.keys }, server.verification);
      expect(verified.confirmationThumbprint).toBe(key.thumbprint);
    });

    it.each<[string, () => Promise<string>, string]>([
      ['for another method', () => proof({ method: 'GET' }), 'dpop_wrong_method'],
      ['for another path', () => proof({ url: `${ISSUER}/other` }), 'dpop_wrong_url'],
      ['for the URL that the Host header suggests', () => proof({ url: 'http://localhost/token' }), 'dpop_wrong_url'],
      ['that is stale', () => proof({}, server.clock.now() - 121), 'dpop_expired'],
      ['from the future', () => proof({}, server.clock.now() + 61), 'dpop_not_yet_valid'],
    ])('refuses a proof %s', async (_what, mint, why) => {
      expect(outcome(await echo(await mint()))).toEqual([400, 'invalid_dpop_proof']);
      expect(reason()).toBe(why);
    });

    it.each(['', 'nonsense', 'a.b.c', 'x, y'])('refuses the header %p', async (dpop) => {
      expect(outcome(await echo(dpop))).toEqual([400, 'invalid_dpop_proof']);
    });

    it('refuses a proof that was used before, and one of many sent at once wins', async () => {
      const once = await proof();
      const answers = await Promise.all(Array.from({ length: 50 }, () => echo(once)));
      expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
      expect(outcome(await echo(once))).toEqual([400, 'invalid_dpop_proof']);
      expect(reason()).toBe('dpop_proof_replayed');
    });

    it('refuses two DPoP headers, also two good ones', async () => {
      const answer = await server.token({ grant_type: ECHO_GRANT }, { ...CONFIDENTIAL, dpop: [await proof(), await proof()] });
      expect(outcome(answer)).toEqual([400, 'invalid_dpop_proof']);
      expect(reason()).toBe('dpop_header_repeated');
    });

    it('does not spend a proof on a client that is not authenticated', async () => {
      const once = await proof();
      expect(outcome(await server.token({ grant_type: ECHO_GRANT }, { authorization: basic('confidential', 'wrong'), dpop: once }))).toEqual([401, 'invalid_client']);
      expect((await echo(once)).statusCode).toBe(200);
    });
  });

  describe("at the server's own APIs", () => {
    let bound = '';
    let unbound = '';
    beforeAll(async () => {
      bound = (await server.token({ grant_type: 'client_credentials', scope: 'view' }, { ...CONFIDENTIAL, dpop: await proof() })).json<{ access_token: string }>().access_token;
      unbound = (await server.token({ grant_type: 'client_credentials', scope: 'view' }, CONFIDENTIAL)).json<{ access_token: string }>().access_token;
    });
    const read = (headers: Record<string, string>) => server.application.inject({ method: 'GET', url: '/protected', headers });
    const apiProof = (request: Partial<DpopRequest> = {}, by = key) => proof({ method: 'GET', url: PROTECTED_URL, accessToken: bound, ...request }, server.clock.now(), by);

    it('accepts a bound token with a proof of its key, and an unbound one as Bearer', async () => {
      expect((await read({ authorization: `DPoP ${bound}`, dpop: await apiProof() })).json()).toEqual({ clientId: 'confidential' });
      expect((await read({ authorization: `bearer ${unbound}` })).json()).toEqual({ clientId: 'confidential' });
    });

    it.each<[string, () => Promise<Record<string, string>>, string]>([
      ['a bound token as Bearer', async () => ({ authorization: `Bearer ${bound}` }), 'invalid_token'],
      ['a bound token as Bearer, with a proof', async () => ({ authorization: `Bearer ${bound}`, dpop: await apiProof() }), 'invalid_token'],
      ['an unbound token as DPoP', async () => ({ authorization: `DPoP ${unbound}`, dpop: await apiProof({ accessToken: unbound }) }), 'invalid_token'],
      ['no proof', async () => ({ authorization: `DPoP ${bound}` }), 'invalid_token'],
      ['a proof of another key', async () => ({ authorization: `DPoP ${bound}`, dpop: await apiProof({}, otherKey) }), 'invalid_token'],
      ['a proof without ath', async () => ({ authorization: `DPoP ${bound}`, dpop: await apiProof({ accessToken: undefined }) }), 'invalid_dpop_proof'],
      ['a proof for another token', async () => ({ authorization: `DPoP ${bound}`, dpop: await apiProof({ accessToken: unbound }) }), 'invalid_dpop_proof'],
      ['a proof for another method', async () => ({ authorization: `DPoP ${bound}`, dpop: await apiProof({ method: 'POST' }) }), 'invalid_dpop_proof'],
    ])('refuses %s with 401 and a DPoP challenge', async (_what, headers, error) => {
      const answer = await read(await headers());
      expect(outcome(answer)).toEqual([401, error]);
      expect(answer.headers['www-authenticate']).toContain(`DPoP error="${error}"`);
    });

    it('refuses a proof that was used before', async () => {
      const headers = { authorization: `DPoP ${bound}`, dpop: await apiProof() };
      expect((await read(headers)).statusCode).toBe(200);
      expect(outcome(await read(headers))).toEqual([401, 'invalid_dpop_proof']);
    });
  });
});
