import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RateLimiter } from '@uma-federation/uma-core';
import { ALICE, AsRoUnderTest, BOB, clientKey, ISSUER, readToken, secretsInLogs, stopAll } from './harness.ts';
import { INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { APP, OTHER_RS, RS } from './support/clients.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
afterAll(stopAll);

async function introspect(token: string, form: Record<string, string> = {}, server = RS) {
  return asRo.post('/introspect', { token, ...form }, { Authorization: `Bearer ${await asRo.pat(server)}` });
}
const INACTIVE = { status: 200, text: '{"active":false}' };
const outside = ({ status, text }: { status: number; text: string }) => ({ status, text });
const rptOf = async (note: Awaited<ReturnType<AsRoUnderTest['sharedNote']>>): Promise<string> => String((await asRo.access(note, { acr: 'pwd', authTime: 1_799_999_000 })).body['access_token']);

describe('Introspection of a live RPT', () => {
  it('answers permissions and no scope, with ids and scopes as they were registered [F23, F24, F25, F27]', async () => {
    const note = await asRo.sharedNote();
    const rpt = await rptOf(note);
    const { status, body, headers } = await introspect(rpt);
    const now = asRo.clock.now();
    expect({ status, cache: headers['cache-control'] }).toEqual({ status: 200, cache: 'no-store' });
    expect(body).toEqual({
      active: true,
      token_type: 'Bearer',
      iss: ISSUER,
      aud: 'https://rs.acme.example',
      sub: BOB,
      client_id: APP.id,
      jti: readToken(rpt).claims['jti'],
      iat: now,
      exp: now + 600,
      acr: 'pwd',
      auth_time: 1_799_999_000,
      permissions: [{ resource_id: note.id, resource_scopes: ['view'] }],
    });
  });

  it('tells the key that it is bound to', async () => {
    const dpop = await clientKey();
    const { body } = await asRo.access(await asRo.sharedNote(), { confirmationThumbprint: dpop.thumbprint }, { dpop });
    expect((await introspect(String(body['access_token']))).body).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: dpop.thumbprint } });
  });

  it('gives the token one end: that of the permission that ends first [F26]', async () => {
    const id = await asRo.register();
    await asRo.share(id, { scopes: ['view'], expires_at: asRo.clock.now() + 300 });
    await asRo.share(id, { scopes: ['edit'], expires_at: asRo.clock.now() + 100 });
    const { body } = await asRo.access(await asRo.challenge({ resource_id: id, resource_scopes: ['view', 'edit'] }));
    const answer = await introspect(String(body['access_token']));
    expect(answer.body['exp']).toBe(asRo.clock.now() + 100);
    for (const permission of answer.body['permissions']) expect(Object.keys(permission as object)).toEqual(['resource_id', 'resource_scopes']);
    asRo.clock.advance(100);
    expect(outside(await introspect(String(body['access_token'])))).toEqual(INACTIVE);
  });

  it('leaves out scopes that the RS has taken from the resource since', async () => {
    const id = await asRo.register({ resource_scopes: ['view', 'edit'] });
    await asRo.share(id, { scopes: ['view', 'edit'] });
    const { body } = await asRo.access(await asRo.challenge({ resource_id: id, resource_scopes: ['view', 'edit'] }));
    await asRo.api('PUT', `/resource/${id}`, { resource_scopes: ['view'] });
    expect((await introspect(String(body['access_token']))).body['permissions']).toEqual([{ resource_id: id, resource_scopes: ['view'] }]);
  });

  it('takes any hint and goes by the token [F27]', async () => {
    const rpt = await rptOf(await asRo.sharedNote());
    for (const hint of ['access_token', 'refresh_token', 'pct', 'nonsense']) {
      expect((await introspect(rpt, { token_type_hint: hint })).body['active']).toBe(true);
    }
  });
});

describe('Introspection of anything else answers inactive and nothing more', () => {
  it('for an RPT whose share was taken back, at once [G67]', async () => {
    const note = await asRo.sharedNote();
    const rpt = await rptOf(note);
    await asRo.api('DELETE', `/owner/shares/${note.shareId}`, undefined, await asRo.ownerToken());
    expect(outside(await introspect(rpt))).toEqual(INACTIVE);
  });

  it('for an RPT that rests on two shares of which one was taken back [G67]', async () => {
    const id = await asRo.register();
    await asRo.share(id, { scopes: ['view'] });
    const second = await asRo.share(id, { scopes: ['edit'] });
    const { body } = await asRo.access(await asRo.challenge({ resource_id: id, resource_scopes: ['view', 'edit'] }));
    await asRo.api('DELETE', `/owner/shares/${second}`, undefined, await asRo.ownerToken(ALICE));
    expect(outside(await introspect(String(body['access_token'])))).toEqual(INACTIVE);
  });

  it('A80 for an RPT of another RS', async () => {
    const rpt = await rptOf(await asRo.sharedNote());
    expect(outside(await introspect(rpt, {}, OTHER_RS))).toEqual(INACTIVE);
    expect((await introspect(rpt)).body['active']).toBe(true);
  });

  it('from the second of its exp on, without skew', async () => {
    const rpt = await rptOf(await asRo.sharedNote());
    asRo.clock.advance(599);
    expect((await introspect(rpt)).body['active']).toBe(true);
    asRo.clock.advance(1);
    expect(outside(await introspect(rpt))).toEqual(INACTIVE);
  });

  it('for an RPT that is well signed but was never recorded as granted', async () => {
    const rpt = await rptOf(await asRo.sharedNote());
    const twin = await AsRoUnderTest.start();
    const answer = await twin.post('/introspect', { token: rpt }, { Authorization: `Bearer ${await twin.pat()}` });
    expect(outside(answer)).toEqual(INACTIVE);
  });

  it.each(['garbage', 'a.b.c', 'x'.repeat(20_000), '\u0000', '{}'])('A72 for made-up tokens: %#', async (token) => {
    expect(outside(await introspect(token))).toEqual(INACTIVE);
  });

  it('for a tampered RPT', async () => {
    const rpt = await rptOf(await asRo.sharedNote());
    expect(outside(await introspect(`${rpt.slice(0, -4)}AAAA`))).toEqual(INACTIVE);
    expect(outside(await introspect(`${rpt}=`))).toEqual(INACTIVE);
  });
});

describe('A72 Token scanning at introspection', () => {
  it('needs a PAT: nothing is said to anybody else [F2]', async () => {
    const rpt = await rptOf(await asRo.sharedNote());
    expect(refusal(await asRo.post('/introspect', { token: rpt }))).toEqual(refused(401, 'invalid_token'));
    const basic = Buffer.from(`${APP.id}:${APP.secret}`).toString('base64');
    expect(refusal(await asRo.post('/introspect', { token: rpt }, { Authorization: `Basic ${basic}` }))).toEqual(refused(401, 'invalid_token'));
    expect(refusal(await asRo.post('/introspect', { token: rpt }, { Authorization: `Bearer ${rpt}` }))).toEqual(refused(401, 'invalid_token'));
  });

  it('tells nothing of tokens of other kinds: PATs, tickets, refresh and persisted claims tokens, ID tokens', async () => {
    const note = await asRo.sharedNote();
    const { body } = await asRo.access(await asRo.sharedNote());
    expect(String(body['pct'])).toMatch(/^upc_/);
    for (const token of [await asRo.pat(), note.ticket, note.resourceClaimsToken, String(body['pct']), `urr_${'A'.repeat(43)}`, `urp_${'A'.repeat(43)}`, await asRo.ownerToken()]) {
      expect(outside(await introspect(token))).toEqual(INACTIVE);
    }
  });
});

describe('A72 Token scanning by a resource server', () => {
  it('is limited per RS: 429 with Retry-After, before anything is looked up', async () => {
    const taken: string[] = [];
    const limiter: RateLimiter = { take: async (key) => (taken.push(key) > 1 ? 17 : undefined) };
    const unlimited: RateLimiter = { take: async () => undefined };
    const limiters = { bySource: unlimited, byClient: unlimited, ticketsByResourceServer: unlimited, introspectionsByResourceServer: limiter };
    const limited = await AsRoUnderTest.start({ overrides: { limiters } });
    const ask = async () => limited.post('/introspect', { token: 'x' }, { Authorization: `Bearer ${await limited.pat()}` });
    expect(outside(await ask())).toEqual(INACTIVE);
    limited.stores.calls.length = 0;
    const answer = await ask();
    expect(refusal(answer)).toEqual(refused(429, 'temporarily_unavailable'));
    expect({ retryAfter: answer.headers['retry-after'], taken, calls: limited.stores.calls }).toEqual({ retryAfter: '17', taken: [RS.id, RS.id], calls: [] });
  });
});

describe('A malformed introspection request', () => {
  it('without token, with two, or with an empty one is refused', async () => {
    const headers = { Authorization: `Bearer ${await asRo.pat()}` };
    for (const form of [{}, { token: '' }, { token: ['a', 'b'] }, { Token: 'a' }, { token: 'a', token_type_hint: ['a', 'b'] }]) {
      expect(refusal(await asRo.post('/introspect', form, headers))).toEqual(INVALID_REQUEST);
    }
  });

  it('as JSON, in the query, or as GET is refused', async () => {
    const Authorization = `Bearer ${await asRo.pat()}`;
    expect(refusal(await asRo.api('POST', '/introspect', { token: 'x' }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.send('/introspect?token=x', { method: 'POST', headers: { Authorization } }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.send('/introspect?token=x', { headers: { Authorization } }))).toEqual(refused(405, 'unsupported_method_type'));
  });
});

describe('A ledger that does not answer', () => {
  it('makes introspection fail, not say active', async () => {
    const rpt = await rptOf(await asRo.sharedNote());
    asRo.stores.failures.set('grants.isActive', new Error('gone'));
    const answer = await introspect(rpt);
    asRo.stores.failures.clear();
    expect({ status: answer.status, members: Object.keys(answer.body) }).toEqual({ status: 500, members: ['error', 'request_id'] });
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
