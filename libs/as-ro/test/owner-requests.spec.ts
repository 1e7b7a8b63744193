import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALICE, ANNA, AsRoUnderTest, BOB, GLOBEX, readToken, secretsInLogs, stopAll, toChallenge, type Challenge } from './harness.ts';
import { DENIED, INVALID_GRANT, INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { APP, OTHER_APP, RS } from './support/clients.ts';
import type { Answer } from './support/send-request.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start({ settings: { ownerRequests: { interval: '10s' } } });
});
afterAll(stopAll);

const ASK = { conditions: { ask: true } };
const as = async (method: string, path: string, json?: unknown, email = ALICE): Promise<Answer> => asRo.api(method, path, json, await asRo.ownerToken(email));
const poll = ({ ticket }: Challenge): Promise<Answer> => asRo.redeem({ ticket });
/** A request that was put before Alice. */
const asked = async (share: object = ASK, changes = {}) => {
  const note = await asRo.sharedNote(share as Record<string, unknown>);
  const answer = await asRo.access(note, changes);
  const [request] = (await as('GET', '/owner/requests')).body['requests'];
  return { note, answer, next: toChallenge(answer.body), id: String(request?.id) };
};
const patiently = async (challenge: Challenge): Promise<Answer> => {
  asRo.clock.advance(10);
  return poll(challenge);
};

describe('request_submitted', () => {
  it('answers 403 with a new ticket of the same process and an interval [G38, G39]', async () => {
    const { note, answer, next } = await asked();
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 403,
      body: {
        error: 'request_submitted',
        error_description: expect.any(String),
        ticket: expect.any(String),
        interval: 10,
        resource_claims_token: expect.any(String),
        issued_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      },
    });
    expect(next.ticket).not.toBe(note.ticket);
    expect(readToken(next.ticket).claims['sub']).toBe(readToken(note.ticket).claims['sub']);
  });

  it('gives a ticket that outlives the polling, as long as the owner has to decide [G62]', async () => {
    const { next } = await asked();
    const { exp, iat } = readToken(next.ticket).claims as { exp: number; iat: number };
    expect(exp - iat).toBe(86_400);
  });

  it('asks nobody without claims, and not before the share’s other conditions hold', async () => {
    const note = await asRo.sharedNote({ conditions: { ask: true, acr_values: ['otp'] } });
    const before = (await as('GET', '/owner/requests')).body['requests'].length;
    const weak = await asRo.access(note, { acr: 'pwd' });
    expect(weak.body['error']).toBe('need_info');
    expect((await asRo.redeem({ ticket: (await asRo.sharedNote(ASK)).ticket })).body['error']).toBe('need_info');
    expect((await as('GET', '/owner/requests')).body['requests']).toHaveLength(before);
    expect((await asRo.access({ ...toChallenge(weak.body) }, { acr: 'otp' })).body['error']).toBe('request_submitted');
  });

  it('asks nobody on behalf of a person whom no share means', async () => {
    const note = await asRo.sharedNote({ ...ASK, grantee: { email: 'dave@globex.example' } });
    expect(refusal(await asRo.access(note))).toEqual(DENIED);
  });

  it('lets a share that needs no question win', async () => {
    const note = await asRo.sharedNote(ASK);
    await asRo.share(note.id);
    expect((await asRo.access(note)).status).toBe(200);
  });
});

describe('A75 An issuer that makes many people', () => {
  it('does not flood an owner with their requests: those beyond the setting are denied', async () => {
    const busy = await AsRoUnderTest.start({ settings: { ownerRequests: { pendingPerIssuer: 2 } } });
    const ask = async (email: string): Promise<unknown> => (await busy.access(await busy.sharedNote({ ...ASK, grantee: { domain: 'globex.example' } }), { email })).body['error'];
    expect([await ask('x1@globex.example'), await ask('x2@globex.example'), await ask('x3@globex.example')]).toEqual(['request_submitted', 'request_submitted', 'request_denied']);
    expect(busy.log.takeReasons()).toContain('owner_asked_too_much');
    expect((await busy.api('GET', '/owner/requests', undefined, await busy.ownerToken(ALICE))).body['requests']).toHaveLength(2);
  });
});

describe('D5 A person whose domain is not trusted any more', () => {
  it.each(['globex.example', GLOBEX])('gets nothing for the owner’s yes, although they were known when they asked: deny %s', async (deny) => {
    const { next, id } = await asked();
    expect((await as('POST', `/owner/requests/${id}/approve`)).status).toBe(201);
    const strict = await AsRoUnderTest.start({ settings: { trust: { deny: [deny] } }, overrides: { stores: asRo.stores, clock: asRo.clock } });
    expect(refusal(await strict.redeem({ ticket: next.ticket }))).toEqual(DENIED);
    expect(strict.log.takeReasons()).toEqual(['domain_not_trusted']);
  });
});

describe('The owner', () => {
  it('sees who asks for what, by which client, and nobody else does', async () => {
    const { note, id } = await asked();
    const { body } = await as('GET', `/owner/requests/${id}`);
    expect(body).toEqual({
      id,
      status: 'pending',
      requesting_party: BOB,
      issuer: GLOBEX,
      client_id: APP.id,
      resource_server: RS.id,
      permissions: [{ resource_id: note.id, resource_scopes: ['view'] }],
      created_at: expect.stringMatching(/Z$/),
      expires_at: expect.stringMatching(/Z$/),
    });
    expect(refusal(await as('GET', `/owner/requests/${id}`, undefined, ANNA))).toMatchObject({ status: 404 });
    expect((await as('GET', '/owner/requests', undefined, ANNA)).body).toEqual({ requests: [] });
    for (const [method, path] of [['GET', ''], ['GET', `/${id}`], ['POST', `/${id}/approve`], ['POST', `/${id}/deny`]] as const) {
      expect((await asRo.send(`/owner/requests${path}`, { method })).status).toBe(401);
    }
  });

  it('says yes: a share with the person, under the same conditions, and the next poll has the RPT', async () => {
    const { note, next, id } = await asked({ conditions: { ask: true, acr_values: ['pwd'] } }, { acr: 'pwd' });
    const waiting = await patiently(next);
    expect(waiting.body['error']).toBe('request_submitted');
    const { status, body } = await as('POST', `/owner/requests/${id}/approve`, { expires_at: asRo.clock.now() + 300 });
    expect(status).toBe(201);
    expect(body['shares']).toEqual([
      expect.objectContaining({ resource_id: note.id, scopes: ['view'], grantee: { email: BOB }, conditions: { acr_values: ['pwd'] }, expires_at: expect.any(String) }),
    ]);
    const granted = await patiently(toChallenge(waiting.body));
    expect(granted).toMatchObject({ status: 200, body: { expires_in: 290 } });
    expect(readToken(String(granted.body['access_token'])).claims).toMatchObject({ sub: BOB, acr: 'pwd', permissions: [{ resource_id: note.id, resource_scopes: ['view'] }] });
    expect((await as('GET', `/owner/requests/${id}`)).body['status']).toBe('approved');
    await as('DELETE', `/owner/shares/${body['shares'][0].id}`);
    expect((await asRo.post('/introspect', { token: String(granted.body['access_token']) }, { Authorization: `Bearer ${await asRo.pat()}` })).body).toEqual({ active: false });
  });

  it('says yes to less than was asked', async () => {
    const id = await asRo.register();
    await asRo.share(id, { scopes: ['view', 'edit'], ...ASK });
    const first = await asRo.challenge({ resource_id: id, resource_scopes: ['view', 'edit'] });
    const submitted = await asRo.access(first);
    const [request] = (await as('GET', '/owner/requests')).body['requests'];
    expect((await as('POST', `/owner/requests/${request.id}/approve`, { scopes: ['view'] })).status).toBe(201);
    const granted = await patiently(toChallenge(submitted.body));
    expect(readToken(String(granted.body['access_token'])).claims['permissions']).toEqual([{ resource_id: id, resource_scopes: ['view'] }]);
  });

  it('says no: request_denied, and the same is not asked again while that is remembered', async () => {
    const { note, next, id } = await asked();
    expect((await as('POST', `/owner/requests/${id}/deny`)).status).toBe(204);
    expect(refusal(await patiently(next))).toEqual(DENIED);
    const again = await asRo.challenge({ resource_id: note.id, resource_scopes: ['view'] });
    expect(refusal(await asRo.access(again))).toEqual(DENIED);
    asRo.clock.advance(86_400);
    const later = await asRo.challenge({ resource_id: note.id, resource_scopes: ['view'] });
    expect((await asRo.access(later)).body['error']).toBe('request_submitted');
  });

  it('decides once, and only what is theirs', async () => {
    const { id } = await asked();
    const NOT_FOUND = refused(404, 'not_found');
    for (const decision of ['approve', 'deny']) expect(refusal(await as('POST', `/owner/requests/${id}/${decision}`, {}, ANNA))).toEqual(NOT_FOUND);
    expect((await as('POST', `/owner/requests/${id}/approve`)).status).toBe(201);
    for (const decision of ['approve', 'deny']) expect(refusal(await as('POST', `/owner/requests/${id}/${decision}`))).toEqual(NOT_FOUND);
    expect(refusal(await as('POST', '/owner/requests/req_unknown/approve'))).toEqual(NOT_FOUND);
  });

  it.each([
    ['an unknown member', { forever: true }],
    ['a scope that was not asked for', { scopes: ['edit'] }],
    ['no scope at all', { scopes: [] }],
    ['an end that has passed', { expires_at: 1 }],
    ['a list', []],
  ])('is told when the yes is malformed: %s', async (_case, body) => {
    const { id } = await asked();
    expect(refusal(await as('POST', `/owner/requests/${id}/approve`, body))).toEqual(INVALID_REQUEST);
    expect((await as('GET', `/owner/requests/${id}`)).body['status']).toBe('pending');
  });

  it('cannot say yes for a resource that is gone', async () => {
    const { note, id } = await asked();
    await asRo.api('DELETE', `/resource/${note.id}`);
    expect((await as('POST', `/owner/requests/${id}/approve`)).status).toBe(404);
  });

  it('is asked once however often the same person comes with the same', async () => {
    const { note } = await asked();
    const before = (await as('GET', '/owner/requests')).body['requests'].length;
    for (let time = 0; time < 3; time += 1) {
      expect((await asRo.access(await asRo.challenge({ resource_id: note.id, resource_scopes: ['view'] }))).body['error']).toBe('request_submitted');
    }
    expect((await as('GET', '/owner/requests')).body['requests']).toHaveLength(before);
  });
});

describe('A75 Polling abuse', () => {
  it('doubles the interval with each impatient poll, and leaves the owner’s decision untouched', async () => {
    const { next, id } = await asked();
    let challenge = next;
    const intervals: number[] = [];
    for (let time = 0; time < 4; time += 1) {
      const { body } = await poll(challenge);
      intervals.push(body['interval']);
      challenge = toChallenge(body);
    }
    expect(intervals).toEqual([20, 40, 80, 160]);
    await as('POST', `/owner/requests/${id}/approve`);
    expect((await poll(challenge)).status).toBe(200);
  });

  it('keeps the interval of a patient client', async () => {
    const { next } = await asked();
    const first = await patiently(next);
    expect((await patiently(toChallenge(first.body))).body['interval']).toBe(10);
  });

  it('answers 429 when the interval cannot grow any more, and the ticket is good once it is over', async () => {
    const { next } = await asked();
    let challenge = next;
    let answer = await poll(challenge);
    for (; answer.body['interval'] < 300; answer = await poll(challenge)) challenge = toChallenge(answer.body);
    challenge = toChallenge(answer.body);
    const refusedTwice = [await poll(challenge), await poll(challenge)];
    for (const { status, headers } of refusedTwice) expect({ status, after: headers['retry-after'] }).toEqual({ status: 429, after: '300' });
    asRo.clock.advance(300);
    expect((await poll(challenge)).body).toMatchObject({ error: 'request_submitted', interval: 300 });
  });

  it('A15 lets no other client poll: the process ends', async () => {
    const { next } = await asked();
    expect(refusal(await asRo.redeem({ ticket: next.ticket }, { client: OTHER_APP }))).toEqual(INVALID_GRANT);
    expect(refusal(await patiently(next))).toEqual(INVALID_GRANT);
  });

  it('A16 takes each ticket of the polling once [G58]', async () => {
    const { next } = await asked();
    await patiently(next);
    expect(refusal(await poll(next))).toEqual(INVALID_GRANT);
  });

  it('ends when the owner has said nothing for as long as they had', async () => {
    const own = await AsRoUnderTest.start({ settings: { ownerRequests: { lifetime: '1h' } } });
    const submitted = await own.access(await own.sharedNote(ASK));
    own.clock.advance(3600);
    expect(refusal(await own.redeem({ ticket: toChallenge(submitted.body).ticket }))).toEqual(DENIED);
  });

  it('writes no token, secret or address into the log [A78]', () => {
    expect(secretsInLogs()).toEqual([]);
  });
});
