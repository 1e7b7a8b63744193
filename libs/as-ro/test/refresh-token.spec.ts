import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { GRANT_TYPES } from '@uma-federation/uma-core';
import { AsRoUnderTest, clientKey, GLOBEX, readToken, secretsInLogs, stopAll, type TokenRequestOptions } from './harness.ts';
import { INVALID_GRANT, refusal, refused } from './support/answers.ts';
import { CLIENTS, type TestClient } from './support/clients.ts';
import type { Answer } from './support/send-request.ts';

const GRANTS = [GRANT_TYPES.umaTicket, GRANT_TYPES.refreshToken];
const secret = 'a secret of at least thirty-two characters';
const KEEPER: TestClient = { id: 'keeper', secret, configuration: { clientId: 'keeper', clientSecret: secret, grantTypes: GRANTS, scopes: [] } };
const PHONE: TestClient = { id: 'phone', secret: undefined, configuration: { clientId: 'phone', public: true, grantTypes: GRANTS } };
const REFRESHING = { refreshTokens: { enabled: true, lifetime: '2h' }, clients: [...CLIENTS, KEEPER, PHONE].map(({ configuration }) => configuration) };

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start({ settings: REFRESHING });
});
afterAll(stopAll);

const access = (note: Awaited<ReturnType<AsRoUnderTest['sharedNote']>>, by = asRo): Promise<Answer> => by.access(note, { clientId: KEEPER.id, acr: 'pwd', authTime: by.clock.now() - 60 }, { client: KEEPER });
const refresh = (token: unknown, changes: Record<string, string> = {}, options: TokenRequestOptions = { client: KEEPER }, by = asRo): Promise<Answer> =>
  by.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: String(token), ...changes }, options);
const isActive = async (rpt: unknown, by = asRo): Promise<unknown> => (await by.post('/introspect', { token: String(rpt) }, { Authorization: `Bearer ${await by.pat()}` })).body['active'];
const permissionsIn = (rpt: unknown): unknown => readToken(String(rpt)).claims['permissions'];

describe('Refreshing an RPT (UMA Grant 3.6)', () => {
  it('gives a new RPT with the same permissions and the same authentication, without looking at the shares again [G44]', async () => {
    const note = await asRo.sharedNote();
    const first = await access(note);
    expect(first.body['refresh_token']).toMatch(/^urr_[A-Za-z0-9_-]{43}$/);
    asRo.stores.calls.length = 0;
    const { status, body } = await refresh(first.body['refresh_token']);
    expect({ status, body }).toEqual({
      status: 200,
      body: { access_token: expect.any(String), token_type: 'Bearer', expires_in: 600, refresh_token: expect.any(String), resource: 'https://rs.acme.example' },
    });
    const { claims } = readToken(String(body['access_token']));
    const { claims: before } = readToken(String(first.body['access_token']));
    expect(claims).toMatchObject({ sub: before['sub'], aud: before['aud'], client_id: before['client_id'], acr: 'pwd', auth_time: before['auth_time'], permissions: before['permissions'] });
    expect(claims['jti']).not.toBe(before['jti']);
    expect(asRo.stores.calls.filter((call) => /^(shares|resources)\./.test(call))).toEqual([]);
    expect(await isActive(body['access_token'])).toBe(true);
  });

  it('narrows to the scopes that are asked for, and can widen again to what was granted, but no further [G45]', async () => {
    const id = await asRo.register();
    await asRo.share(id, { scopes: ['view', 'edit'] });
    const first = await access({ id, shareId: '', ...(await asRo.challenge({ resource_id: id, resource_scopes: ['view', 'edit'] })) });
    const narrow = await refresh(first.body['refresh_token'], { scope: 'view' });
    expect(permissionsIn(narrow.body['access_token'])).toEqual([{ resource_id: id, resource_scopes: ['view'] }]);
    const whole = await refresh(narrow.body['refresh_token']);
    expect(permissionsIn(whole.body['access_token'])).toEqual([{ resource_id: id, resource_scopes: ['view', 'edit'] }]);
    expect(refusal(await refresh(whole.body['refresh_token'], { scope: 'view print' }))).toEqual(refused(400, 'invalid_scope'));
    expect((await refresh(whole.body['refresh_token'])).status).toBe(200);
  });

  it.each(['globex.example', GLOBEX])('D5 is over when the person’s domain is not trusted any more: deny %s', async (deny) => {
    const first = await access(await asRo.sharedNote());
    const strict = await AsRoUnderTest.start({ settings: { ...REFRESHING, trust: { deny: [deny] } }, overrides: { stores: asRo.stores, clock: asRo.clock, randomness: asRo.randomness } });
    expect(refusal(await refresh(first.body['refresh_token'], {}, { client: KEEPER }, strict))).toEqual(INVALID_GRANT);
    expect(refusal(await refresh(first.body['refresh_token']))).toEqual(INVALID_GRANT);
  });

  it('goes on when the person’s issuer is on the list of the trusted, not their domain', async () => {
    const first = await access(await asRo.sharedNote());
    const listed = await AsRoUnderTest.start({ settings: { ...REFRESHING, trust: { mode: 'allowlist', allow: [GLOBEX] } }, overrides: { stores: asRo.stores, clock: asRo.clock, randomness: asRo.randomness } });
    expect((await refresh(first.body['refresh_token'], {}, { client: KEEPER }, listed)).status).toBe(200);
  });

  it('uses a refresh token once; whoever comes with a used one ends the grant for all', async () => {
    const first = await access(await asRo.sharedNote());
    const second = await refresh(first.body['refresh_token']);
    expect(refusal(await refresh(first.body['refresh_token']))).toEqual(INVALID_GRANT);
    expect(refusal(await refresh(second.body['refresh_token']))).toEqual(INVALID_GRANT);
    expect([await isActive(first.body['access_token']), await isActive(second.body['access_token'])]).toEqual([false, false]);
  });

  it('A23 refuses once the share is taken back: policy that was withdrawn is not bypassed [G67]', async () => {
    const note = await asRo.sharedNote();
    const { body } = await access(note);
    await asRo.api('DELETE', `/owner/shares/${note.shareId}`, undefined, await asRo.ownerToken());
    expect(refusal(await refresh(body['refresh_token']))).toEqual(INVALID_GRANT);
  });

  it('refuses a token of another client, and leaves it good for its own', async () => {
    const { body } = await access(await asRo.sharedNote());
    expect(refusal(await refresh(body['refresh_token'], {}, { client: PHONE, dpop: await clientKey() }))).toEqual(INVALID_GRANT);
    expect((await refresh(body['refresh_token'])).status).toBe(200);
  });

  it('binds a public client’s refresh token to its key, and gives it none without one', async () => {
    const key = await clientKey();
    const note = await asRo.sharedNote();
    const claimToken = await asRo.identityToken(note, { clientId: PHONE.id, confirmationThumbprint: key.thumbprint });
    const { body } = await asRo.redeem({ ticket: note.ticket, claim_token: claimToken }, { client: PHONE, dpop: key });
    const thief = await clientKey(fixedKeys.evil);
    for (const dpop of [undefined, thief]) expect(refusal(await refresh(body['refresh_token'], {}, { client: PHONE, dpop }))).toEqual(INVALID_GRANT);
    const { body: next } = await refresh(body['refresh_token'], {}, { client: PHONE, dpop: key });
    expect(readToken(String(next['access_token'])).claims['cnf']).toEqual({ jkt: key.thumbprint });
    const lax = await AsRoUnderTest.start({ settings: { ...REFRESHING, holderBinding: 'optional' } });
    const other = await lax.sharedNote();
    expect((await lax.access(other, { clientId: PHONE.id }, { client: PHONE })).body).not.toHaveProperty('refresh_token');
  });

  it('ends with its time, and with the share', async () => {
    const own = await AsRoUnderTest.start({ settings: REFRESHING });
    const long = await access(await own.sharedNote(), own);
    const short = await access(await own.sharedNote({ expires_at: own.clock.now() + 1800 }), own);
    own.clock.advance(1800);
    expect(refusal(await refresh(short.body['refresh_token'], {}, { client: KEEPER }, own))).toEqual(INVALID_GRANT);
    const next = await refresh(long.body['refresh_token'], {}, { client: KEEPER }, own);
    own.clock.advance(5400);
    expect(refusal(await refresh(next.body['refresh_token'], {}, { client: KEEPER }, own))).toEqual(INVALID_GRANT);
  });

  it.each(['', 'x', 'urr_', `urr_${'A'.repeat(43)}`, 'urp_x'])('refuses the refresh token "%s"', async (token) => {
    expect((await refresh(token)).status).toBe(400);
  });

  it('gives none to a client that is not registered for it, and knows no such grant when it is off', async () => {
    expect((await asRo.access(await asRo.sharedNote())).body).not.toHaveProperty('refresh_token');
    const off = await AsRoUnderTest.start();
    expect(refusal(await off.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: 'urr_x' }))).toEqual(refused(400, 'unsupported_grant_type'));
  });

  it('writes no token or address into the log [A78]', () => {
    expect(secretsInLogs()).toEqual([]);
  });
});
