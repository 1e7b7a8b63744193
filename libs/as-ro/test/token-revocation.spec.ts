import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GRANT_TYPES } from '@uma-federation/uma-core';
import { AsRoUnderTest, ISSUER, readToken, stopAll } from './harness.ts';
import { expectNeedInfo, INVALID_GRANT, INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { APP, CLIENTS, OTHER_APP, PUBLIC_APP, type TestClient } from './support/clients.ts';
import type { Answer } from './support/send-request.ts';

const settings = {
  refreshTokens: { enabled: true },
  clients: CLIENTS.map(({ id, configuration }) => (id === APP.id ? { ...configuration, grantTypes: [GRANT_TYPES.umaTicket, GRANT_TYPES.refreshToken] } : configuration)),
};
let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start({ settings });
});
afterAll(stopAll);

const revoke = (form: Record<string, string | string[]>, client: TestClient = APP): Promise<Answer> => {
  const authorization = `Basic ${Buffer.from(`${encodeURIComponent(client.id)}:${encodeURIComponent(client.secret ?? '')}`).toString('base64')}`;
  return asRo.post('/revoke', form, client.secret === undefined ? {} : { Authorization: authorization });
};
const granted = async () => {
  const note = await asRo.sharedNote();
  const { body } = await asRo.access(note);
  return { note, rpt: String(body['access_token']), pct: String(body['pct']), refreshToken: String(body['refresh_token']) };
};
const isActive = async (rpt: string): Promise<unknown> => (await asRo.post('/introspect', { token: rpt }, { Authorization: `Bearer ${await asRo.pat()}` })).body['active'];

describe('The revocation endpoint (RFC 7009)', () => {
  it('is in the metadata', async () => {
    expect((await asRo.send('/.well-known/uma2-configuration')).body['revocation_endpoint']).toBe(`${ISSUER}/revoke`);
  });

  it('ends an RPT, and the revocation feed tells its RS', async () => {
    const { rpt } = await granted();
    const answer = await revoke({ token: rpt, token_type_hint: 'access_token' });
    expect({ status: answer.status, text: answer.text, cache: answer.headers['cache-control'] }).toEqual({ status: 200, text: '', cache: 'no-store' });
    expect(await isActive(rpt)).toBe(false);
    expect((await asRo.api('GET', '/revocations')).body['revoked']).toContainEqual({ jti: readToken(rpt).claims['jti'], exp: readToken(rpt).claims['exp'] });
  });

  it('ends a persisted claims token, with the hint pct, with another hint, and without one [G46]', async () => {
    for (const hint of [{ token_type_hint: 'pct' }, { token_type_hint: 'refresh_token' }, { token_type_hint: 'unheard of' }, {}] as Record<string, string>[]) {
      const { pct } = await granted();
      expect((await revoke({ token: pct, ...hint })).status).toBe(200);
      const note = await asRo.sharedNote();
      expectNeedInfo(await asRo.redeem({ ticket: note.ticket, pct }), note);
    }
  });

  it('ends a refresh token and the RPTs that came of it (RFC 7009 2.1)', async () => {
    const { rpt, refreshToken } = await granted();
    const second = await asRo.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: refreshToken });
    expect((await revoke({ token: String(second.body['refresh_token']) })).status).toBe(200);
    expect([await isActive(rpt), await isActive(String(second.body['access_token']))]).toEqual([false, false]);
    expect(refusal(await asRo.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: String(second.body['refresh_token']) }))).toEqual(INVALID_GRANT);
  });

  it('ends what a refresh token stands for, also when somebody has used it before the client signs out', async () => {
    const { rpt, refreshToken } = await granted();
    const stolen = await asRo.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: refreshToken });
    expect((await revoke({ token: refreshToken })).status).toBe(200);
    expect([await isActive(rpt), await isActive(String(stolen.body['access_token']))]).toEqual([false, false]);
    expect(refusal(await asRo.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: String(stolen.body['refresh_token']) }))).toEqual(INVALID_GRANT);
  });

  it('answers 200 for what is unknown, expired or revoked already', async () => {
    const { rpt } = await granted();
    for (const token of [rpt, rpt, 'x', `upc_${'A'.repeat(43)}`, `urr_${'A'.repeat(43)}`, 'eyJhbGciOiJub25lIn0.e30.']) expect((await revoke({ token })).status).toBe(200);
  });

  it('A72 refuses a token of another client, which stays good', async () => {
    const { rpt, pct, refreshToken } = await granted();
    for (const token of [rpt, pct, refreshToken]) expect(refusal(await revoke({ token }, OTHER_APP))).toEqual(INVALID_REQUEST);
    expect(await isActive(rpt)).toBe(true);
    expect((await asRo.redeem({ ticket: (await asRo.sharedNote()).ticket, pct })).status).toBe(200);
    expect((await asRo.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: refreshToken })).status).toBe(200);
  });

  it('A72 wants the client authenticated', async () => {
    const { rpt } = await granted();
    expect(refusal(await asRo.post('/revoke', { token: rpt }))).toEqual(refused(401, 'invalid_client'));
    expect(refusal(await asRo.post('/revoke', { token: rpt, client_id: APP.id }))).toEqual(refused(401, 'invalid_client'));
    expect(refusal(await asRo.post('/revoke', { token: rpt }, { Authorization: `Bearer ${await asRo.pat()}` }))).toEqual(refused(401, 'invalid_client'));
    expect(await isActive(rpt)).toBe(true);
  });

  it('takes a public client at its word, for its own tokens only', async () => {
    const { rpt } = await granted();
    expect(refusal(await revoke({ token: rpt, client_id: PUBLIC_APP.id }, PUBLIC_APP))).toEqual(INVALID_REQUEST);
    expect((await revoke({ token: 'x', client_id: PUBLIC_APP.id }, PUBLIC_APP)).status).toBe(200);
  });

  it('says that a PAT cannot be revoked (RFC 7009 2.2.1)', async () => {
    expect(refusal(await revoke({ token: await asRo.pat() }))).toEqual(refused(400, 'unsupported_token_type'));
  });

  it('says that an RPT of UMA 1.0 cannot be revoked, and not that it was', async () => {
    expect(refusal(await revoke({ token: `uma1_${'A'.repeat(43)}` }))).toEqual(refused(400, 'unsupported_token_type'));
  });

  it.each([
    ['no token', {}],
    ['an empty one', { token: '' }],
    ['two', { token: ['a', 'b'] }],
    ['two hints', { token: 'a', token_type_hint: ['pct', 'pct'] }],
  ])('refuses %s', async (_case, form) => {
    expect(refusal(await revoke(form))).toEqual(INVALID_REQUEST);
  });

  it.each(['GET', 'PUT', 'DELETE'])('knows no %s', async (method) => {
    expect((await asRo.send('/revoke', { method })).status).toBe(405);
  });

  it('publishes nothing and answers 503 when the store is away (RFC 7009 2.2.1: the token counts as good)', async () => {
    const { rpt } = await granted();
    const { temporarilyUnavailable } = await import('@uma-federation/uma-core');
    asRo.stores.failures.set('grants.revoke', temporarilyUnavailable('store_unavailable', 1));
    const answer = await revoke({ token: rpt });
    asRo.stores.failures.clear();
    expect({ status: answer.status, retry: answer.headers['retry-after'] }).toEqual({ status: 503, retry: '1' });
    expect(await isActive(rpt)).toBe(true);
  });
});
