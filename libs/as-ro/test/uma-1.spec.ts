import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Uma1Version } from '@uma-federation/uma-core';
import { ALICE, AsRoUnderTest, BOB, ISSUER, readToken, secretsInLogs, stopAll } from './harness.ts';
import { refusal, refused } from './support/answers.ts';
import { APP, CAREFUL_OLD_APP, OLD_APP, OLD_RS, OTHER_OLD_APP, OTHER_OLD_RS, RS } from './support/clients.ts';
import { AUTHORIZATION, challengeOf, failure, mediaTypeOf, Uma1UnderTest, VERSIONS } from './support/uma-1.ts';

const servers = new Map<Uma1Version, Uma1UnderTest>();
beforeAll(async () => {
  for (const version of VERSIONS) servers.set(version, await Uma1UnderTest.start(version));
});
afterAll(stopAll);
const at = (version: Uma1Version): Uma1UnderTest => {
  const server = servers.get(version);
  if (server === undefined) throw new Error('not started');
  return server;
};
const DRAFTS: readonly Uma1Version[] = ['draft-05', 'draft-07'];

/** How a refusal of an authorization request looks in each document (protocol.md 4.3). */
const WORDS = {
  unknown: { 'draft-05': 'invalid_requester_ticket', 'draft-07': 'invalid_ticket', '1.0.1': 'invalid_ticket' },
  expired: { 'draft-05': 'expired_requester_ticket', 'draft-07': 'expired_ticket', '1.0.1': 'expired_ticket' },
  denied: { 'draft-05': 'not_authorized_permission', 'draft-07': 'not_authorized_permission', '1.0.1': 'not_authorized' },
  need: { 'draft-05': 'need_claims', 'draft-07': 'need_claims', '1.0.1': 'need_info' },
  submitted: { 'draft-05': 'not_authorized_permission', 'draft-07': 'not_authorized_permission', '1.0.1': 'request_submitted' },
} as const;
const failed = (http: number, words: Record<Uma1Version, string>, version: Uma1Version) => ({ http, status: version === '1.0.1' ? undefined : 'error', error: words[version] });

/** An AAT with an RPT; in 1.0.1 the RPT comes of a first ticket. */
async function begin(version: Uma1Version): Promise<{ uma: Uma1UnderTest; aat: string; rpt: string }> {
  const uma = at(version);
  const aat = await uma.aat();
  const rpt = version === '1.0.1' ? String((await uma.authorize(aat, { ticket: (await uma.sharedNote()).ticket })).body['rpt']) : await uma.rpt(aat);
  return { uma, aat, rpt };
}

describe('The RPT endpoint of the drafts', () => {
  it.each(DRAFTS)('gives a new RPT with 201, without permissions; the previous one of the same AAT is dead then [L5] (%s)', async (version) => {
    const uma = at(version);
    const aat = await uma.aat();
    const answer = await uma.asRo.api('POST', '/uma-1/rpt', undefined, aat);
    expect({ status: answer.status, cache: answer.headers['cache-control'], members: Object.keys(answer.body) }).toEqual({ status: 201, cache: 'no-store', members: ['rpt'] });
    expect(mediaTypeOf(answer)).toBe(version === 'draft-05' ? 'application/uma-rpt+json' : 'application/json');
    const first = String(answer.body['rpt']);
    expect(first).toMatch(/^uma1_[A-Za-z0-9_-]{43}$/);
    const { id, ticket } = await uma.sharedNote();
    expect((await uma.authorize(aat, { rpt: first, ticket })).status).toBe(200);
    expect(await uma.permissions(first)).toEqual([[id, 'view']]);
    const second = await uma.rpt(aat);
    expect(await uma.permissions(first)).toBe('inactive');
    expect(await uma.permissions(second)).toEqual([]);
  });

  it('lets the RPTs of different AATs live side by side', async () => {
    const uma = at('draft-07');
    const [one, two] = [await uma.rpt(await uma.aat()), await uma.rpt(await uma.aat())];
    expect([await uma.permissions(one), await uma.permissions(two)]).toEqual([[], []]);
  });

  it('keeps an RPT for an hour, and no longer', async () => {
    const uma = await Uma1UnderTest.start('draft-07');
    const rpt = await uma.rpt(await uma.aat());
    uma.asRo.clock.advance(3599);
    expect(await uma.permissions(rpt)).toEqual([]);
    uma.asRo.clock.advance(1);
    expect(await uma.permissions(rpt)).toBe('inactive');
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'a=b'],
    ['JSON', 'application/json', '{"rpt":"x"}'],
    ['text', 'text/plain', 'x'],
  ])('refuses %s as content', async (_what, type, body) => {
    const uma = at('draft-05');
    const answer = await uma.asRo.send('/uma-1/rpt', { method: 'POST', headers: { Authorization: `Bearer ${await uma.aat()}`, 'Content-Type': type }, body });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('takes the JSON content type of D05 without content', async () => {
    const uma = at('draft-05');
    const headers = { Authorization: `Bearer ${await uma.aat()}`, 'Content-Type': 'application/json' };
    expect((await uma.asRo.send('/uma-1/rpt', { method: 'POST', headers })).status).toBe(201);
  });
});

describe.each(VERSIONS)('An authorization request (%s)', (version) => {
  it('adds what the ticket asks for and the owner shares to the RPT, which stays the same string, one ticket after the other', async () => {
    const { uma, aat } = await begin(version);
    const [one, two] = [await uma.sharedNote(), await uma.sharedNote()];
    const first = await uma.authorize(aat, { ticket: one.ticket, ...(version === '1.0.1' ? {} : { rpt: await uma.rpt(aat) }) });
    const rpt = String(first.body['rpt']);
    expect({ status: first.status, cache: first.headers['cache-control'] }).toEqual({ status: 200, cache: 'no-store' });
    const second = await uma.authorize(aat, { rpt, ticket: two.ticket });
    expect({ status: second.status, body: second.body }).toEqual({ status: 200, body: { rpt } });
    expect(await uma.permissions(rpt)).toEqual([[one.id, 'view'], [two.id, 'view']]);
  });

  it('tells the RS in the form of UMA 2.0 who it is and until when, per permission', async () => {
    const { uma, aat, rpt } = await begin(version);
    const { id, ticket } = await uma.sharedNote({ expires_at: uma.asRo.clock.now() + 100 });
    await uma.authorize(aat, { rpt, ticket });
    const { status, body, headers } = await uma.introspect(rpt);
    const now = uma.asRo.clock.now();
    expect({ status, cache: headers['cache-control'] }).toEqual({ status: 200, cache: 'no-store' });
    expect(body).toMatchObject({ active: true, token_type: 'Bearer', iss: ISSUER, aud: 'https://photoz.acme.example', sub: BOB, client_id: OLD_APP.id, iat: now, exp: now + 3600 });
    expect(body['permissions']).toContainEqual({ resource_id: id, resource_scopes: ['view'], iat: now, exp: now + 100 });
    expect(body).not.toHaveProperty('scope');
  });

  it('without an AAT is answered with 401 invalid_token and the way to one [L6]', async () => {
    const { uma } = await begin(version);
    const { ticket } = await uma.sharedNote();
    const target = AUTHORIZATION[version];
    for (const headers of [{}, { Authorization: 'Bearer none' }]) {
      const answer = await uma.asRo.send(target, { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify({ rpt: 'x', ticket }) });
      expect(refusal(answer)).toEqual(refused(401, 'invalid_token'));
      expect(answer.headers['www-authenticate']).toMatch(/^UMA .*as_uri="https:\/\/as\.acme\.example".*, Bearer error="invalid_token"$/);
      expect(readToken(challengeOf(answer).resourceClaimsToken).claims['aud']).toBe(`${ISSUER}${target}`);
    }
  });

  it('with an RPT for another own resource as AAT is answered with 403 insufficient_scope [L7]', async () => {
    const { uma } = await begin(version);
    const refusedThere = await uma.asRo.send('/persisted-claims');
    const { body } = await uma.asRo.access(challengeOf(refusedThere), { clientId: OLD_APP.id }, { client: OLD_APP });
    const answer = await uma.authorize(String(body['access_token']), { rpt: 'x', ticket: 'y' });
    expect(refusal(answer)).toEqual(refused(403, 'insufficient_scope'));
    expect(answer.headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="http://docs.kantarainitiative.org/uma/scopes/authz.json"');
  });

  it('with a ticket that is not ours finds it unknown [L8]', async () => {
    const { uma, aat, rpt } = await begin(version);
    const { ticket } = await uma.sharedNote();
    for (const unknown of ['016f84e8-f9b9-11e0-bd6f-0021cc6004de', `${ticket.slice(0, -4)}AAAA`]) {
      const answer = await uma.authorize(aat, { rpt, ticket: unknown });
      expect(failure(answer)).toEqual(failed(400, WORDS.unknown, version));
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(mediaTypeOf(answer)).toBe(version === 'draft-05' ? 'application/uma-status+json' : 'application/json');
    }
  });

  it('with a ticket whose time is over finds it expired [L9]', async () => {
    const uma = await Uma1UnderTest.start(version, { lifetimes: { ticket: '1m' } });
    const { ticket } = await uma.sharedNote();
    uma.asRo.clock.advance(120);
    const answer = await uma.authorize(await uma.aat(), { rpt: 'x', ticket });
    expect(failure(answer)).toEqual(failed(400, WORDS.expired, version));
  });

  it('that the owner’s policy does not permit is not authorized, and nothing is added [L10]', async () => {
    const { uma, aat, rpt } = await begin(version);
    const before = await uma.permissions(rpt);
    const unshared = await uma.asRo.register({}, OLD_RS);
    const others = await uma.asRo.register({}, OLD_RS);
    await uma.asRo.share(others, { grantee: { email: ALICE } });
    for (const id of [unshared, others]) {
      expect(failure(await uma.authorize(aat, { rpt, ticket: await uma.ticket(id) }))).toEqual(failed(403, WORDS.denied, version));
    }
    expect(await uma.permissions(rpt)).toEqual(before);
  });

  it('that needs claims says so [L11]', async () => {
    const { uma, aat, rpt } = await begin(version);
    const { ticket } = await uma.sharedNote({ conditions: { acr_values: ['phr'], claims: { department: 'audit' } } });
    const answer = await uma.authorize(aat, { rpt, ticket });
    expect(failure(answer)).toEqual(failed(403, WORDS.need, version));
    if (version !== '1.0.1') return;
    expect(answer.body['error_details']).toEqual({
      authentication_context: { required_acr: ['phr'] },
      requesting_party_claims: { required_claims: [{ claim_token_format: ['urn:ietf:params:oauth:token-type:jwt'], name: 'department', friendly_name: 'department' }] },
    });
  });

  it('is granted after a stronger sign-in, with the AAT that came of it', async () => {
    const uma = at(version);
    const { ticket } = await uma.sharedNote({ conditions: { acr_values: ['phr'] } });
    const aat = await uma.aat(OLD_APP, { acr: 'phr', authTime: uma.asRo.clock.now() });
    const rpt = version === '1.0.1' ? undefined : await uma.rpt(aat);
    expect((await uma.authorize(aat, { rpt, ticket })).status).toBe(200);
  });

  it('is granted on claims that the person’s domain vouched for when the AAT was asked for, and on no other values', async () => {
    const uma = at(version);
    for (const [department, status] of [['audit', 200], ['sales', 403]] as const) {
      const challenge = challengeOf(await uma.asRo.api('POST', '/uma-1/rpt', undefined, 'none'));
      const claimToken = uma.asRo.forgeIdentityToken(challenge, { claims: { client_id: OLD_APP.id, department } });
      const aat = String((await uma.asRo.redeem({ ticket: challenge.ticket, claim_token: claimToken }, { client: OLD_APP })).body['access_token']);
      const rpt = version === '1.0.1' ? undefined : await uma.rpt(aat);
      const { ticket } = await uma.sharedNote({ conditions: { claims: { department: 'audit' } } });
      expect((await uma.authorize(aat, { rpt, ticket })).status).toBe(status);
    }
  });

  it('puts a share that says “ask me” before the owner, whose yes counts the next time', async () => {
    const { uma, aat, rpt } = await begin(version);
    const { id, ticket } = await uma.sharedNote({ conditions: { ask: true } });
    expect(failure(await uma.authorize(aat, { rpt, ticket }))).toEqual(failed(403, WORDS.submitted, version));
    const owner = await uma.asRo.ownerToken();
    const { body } = await uma.asRo.api('GET', '/owner/requests', undefined, owner);
    const request = (body['requests'] as { id: string }[]).find((waiting) => JSON.stringify(waiting).includes(id));
    await uma.asRo.api('POST', `/owner/requests/${request?.id ?? ''}/approve`, {}, owner);
    expect((await uma.authorize(aat, { rpt, ticket: await uma.ticket(id) })).status).toBe(200);
    expect(await uma.permissions(rpt)).toContainEqual([id, 'view']);
  });

  it('with an RPT of another client, another person, another AAT, or of nobody is answered with 401, and nothing is added anywhere [L12]', async () => {
    const { uma, aat, rpt } = await begin(version);
    const rptOf = async (token: string): Promise<string> =>
      version === '1.0.1' ? String((await uma.authorize(token, { ticket: (await uma.sharedNote({ grantee: { domain: 'globex.example' } })).ticket })).body['rpt']) : uma.rpt(token);
    const foreign = [await rptOf(await uma.aat(OTHER_OLD_APP)), await rptOf(await uma.aat(OLD_APP, { email: 'carlos@globex.example' })), await rptOf(await uma.aat())];
    const before = await Promise.all([rpt, ...foreign].map((token) => uma.permissions(token)));
    for (const wrong of [...foreign, `uma1_${'A'.repeat(43)}`, 'sbjsbhs(/SSJHBSUSSJHVhjsgvhsgvshgsv']) {
      const answer = await uma.authorize(aat, { rpt: wrong, ticket: (await uma.sharedNote()).ticket });
      expect(refusal(answer)).toEqual(refused(401, 'invalid_token'));
      expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
    expect(await Promise.all([rpt, ...foreign].map((token) => uma.permissions(token)))).toEqual(before);
  });

  it('with a ticket that was presented before finds it unknown, whatever became of it then [L13]', async () => {
    const { uma, aat, rpt } = await begin(version);
    const granted = await uma.sharedNote();
    expect((await uma.authorize(aat, { rpt, ticket: granted.ticket })).status).toBe(200);
    const denied = await uma.ticket(await uma.asRo.register({}, OLD_RS));
    await uma.authorize(aat, { rpt, ticket: denied });
    const wasted = (await uma.sharedNote()).ticket;
    await uma.authorize(aat, { rpt: `uma1_${'A'.repeat(43)}`, ticket: wasted });
    const before = await uma.permissions(rpt);
    for (const ticket of [granted.ticket, denied, wasted]) expect(failure(await uma.authorize(aat, { rpt, ticket }))).toEqual(failed(400, WORDS.unknown, version));
    expect(await uma.permissions(rpt)).toEqual(before);
  });

  it('A16 gives one answer of twenty to one ticket [L13]', async () => {
    const { uma, aat, rpt } = await begin(version);
    const { ticket } = await uma.sharedNote();
    const answers = await Promise.all(Array.from({ length: 20 }, () => uma.authorize(aat, { rpt, ticket })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(400)]);
  });

  it('adds nothing on a share that is withdrawn meanwhile', async () => {
    const { uma, aat, rpt } = await begin(version);
    const { id, shareId, ticket } = await uma.sharedNote();
    const { stores } = uma.asRo;
    stores.before.set('uma1Tokens.authorize', async () => uma.asRo.api('DELETE', `/owner/shares/${shareId}`, undefined, await uma.asRo.ownerToken()));
    const answer = await uma.authorize(aat, { rpt, ticket });
    stores.before.clear();
    expect(failure(answer)).toEqual(failed(403, WORDS.denied, version));
    expect(JSON.stringify(await uma.permissions(rpt))).not.toContain(id);
  });

  it('that is malformed is an invalid request', async () => {
    const { uma, aat, rpt } = await begin(version);
    const { ticket } = await uma.sharedNote();
    for (const body of [{}, { rpt }, { rpt, ticket: '' }, { rpt, ticket: 7 }, { rpt: ['x'], ticket }, [], '"x"', '{', ...(version === '1.0.1' ? [{ ticket, claim_tokens: 'x' }] : [{ ticket }])]) {
      expect(await uma.authorize(aat, body)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    }
    const form = await uma.asRo.post(AUTHORIZATION[version], { rpt, ticket }, { Authorization: `Bearer ${aat}` });
    expect(failure(form)).toEqual({ http: 400, status: version === '1.0.1' ? undefined : 'error', error: 'invalid_request' });
    expect((await uma.authorize(aat, { rpt, ticket })).status).toBe(200);
  });

  it('is not for clients that are not marked, whatever token they have', async () => {
    const { uma } = await begin(version);
    const aat = await uma.aat(APP);
    expect(refusal(await uma.authorize(aat, { rpt: 'x', ticket: (await uma.sharedNote()).ticket }))).toEqual(refused(403, 'insufficient_scope'));
    expect(refusal(await uma.asRo.api('POST', '/uma-1/rpt', undefined, aat))).toEqual(refused(403, 'insufficient_scope'));
  });

  it('is not for tickets of a resource server that is not marked', async () => {
    const { uma, aat, rpt } = await begin(version);
    const { ticket } = await uma.asRo.sharedNote();
    const own = challengeOf(await uma.asRo.api('POST', '/uma-1/rpt', undefined, 'none'));
    for (const foreign of [ticket, own.ticket]) expect(failure(await uma.authorize(aat, { rpt, ticket: foreign }))).toEqual(failed(403, WORDS.denied, version));
  });

  it('is not for tickets that the uma-ticket grant has given out again: they belong to its client, key and person', async () => {
    const { uma, aat, rpt } = await begin(version);
    const id = await uma.asRo.register({}, OLD_RS);
    await uma.asRo.share(id);
    const { body } = await uma.asRo.redeem({ ticket: await uma.ticket(id) }, { client: OLD_APP });
    expect(body['error']).toBe('need_info');
    expect(failure(await uma.authorize(aat, { rpt, ticket: String(body['ticket']) }))).toEqual(failed(400, WORDS.unknown, version));
  });

  it('A1 is not for clients that must say which RS they call: these documents have no place for it', async () => {
    const uma = at(version);
    const refusedThere = await uma.asRo.api('POST', '/uma-1/rpt', undefined, 'none');
    const challenge = challengeOf(refusedThere);
    const form = { ticket: challenge.ticket, claim_token: await uma.asRo.identityToken(challenge, { clientId: CAREFUL_OLD_APP.id }), resource: ISSUER };
    const aat = String((await uma.asRo.redeem(form, { client: CAREFUL_OLD_APP })).body['access_token']);
    expect(failure(await uma.authorize(aat, { rpt: 'x', ticket: (await uma.sharedNote()).ticket }))).toEqual(failed(403, WORDS.denied, version));
  });
});

describe('An RPT of UMA 1.0', () => {
  it('A80 is for the resource server of its first permission alone', async () => {
    const { uma, aat, rpt } = await begin('draft-07');
    expect([await uma.permissions(rpt), await uma.permissions(rpt, OTHER_OLD_RS)]).toEqual([[], []]);
    const { id, ticket } = await uma.sharedNote();
    await uma.authorize(aat, { rpt, ticket });
    expect([await uma.permissions(rpt), await uma.permissions(rpt, OTHER_OLD_RS)]).toEqual([[[id, 'view']], 'inactive']);
    const elsewhere = await uma.sharedNote({}, OTHER_OLD_RS);
    expect(refusal(await uma.authorize(aat, { rpt, ticket: elsewhere.ticket }))).toEqual(refused(401, 'invalid_token'));
  });

  it('is joined by another one in 1.0.1 when the ticket is of another resource server', async () => {
    const { uma, aat, rpt } = await begin('1.0.1');
    const elsewhere = await uma.sharedNote({}, OTHER_OLD_RS);
    const other = String((await uma.authorize(aat, { rpt, ticket: elsewhere.ticket })).body['rpt']);
    expect(other).not.toBe(rpt);
    expect([await uma.permissions(rpt, OTHER_OLD_RS), await uma.permissions(other, OTHER_OLD_RS), await uma.permissions(other)]).toEqual(['inactive', [[elsewhere.id, 'view']], 'inactive']);
    expect(await uma.permissions(rpt)).toHaveLength(1);
  });

  it('loses a permission at once with the share that it rests on, and keeps the others [G67]', async () => {
    const { uma, aat, rpt } = await begin('draft-07');
    const [one, two] = [await uma.sharedNote(), await uma.sharedNote()];
    for (const { ticket } of [one, two]) await uma.authorize(aat, { rpt, ticket });
    await uma.asRo.api('DELETE', `/owner/shares/${one.shareId}`, undefined, await uma.asRo.ownerToken());
    expect(await uma.permissions(rpt)).toEqual([[two.id, 'view']]);
    await uma.asRo.api('DELETE', `/resource/${two.id}`, undefined, await uma.asRo.pat(OLD_RS));
    expect(await uma.permissions(rpt)).toEqual([]);
  });

  it('loses each permission ten minutes after it was added', async () => {
    const uma = await Uma1UnderTest.start('draft-07');
    const aat = await uma.aat();
    const rpt = await uma.rpt(aat);
    const first = await uma.sharedNote();
    await uma.authorize(aat, { rpt, ticket: first.ticket });
    uma.asRo.clock.advance(300);
    const second = await uma.sharedNote();
    await uma.authorize(aat, { rpt, ticket: second.ticket });
    uma.asRo.clock.advance(299);
    expect(await uma.permissions(rpt)).toEqual([[first.id, 'view'], [second.id, 'view']]);
    uma.asRo.clock.advance(1);
    expect(await uma.permissions(rpt)).toEqual([[second.id, 'view']]);
  });

  it('is nothing to resource servers that are not marked', async () => {
    const { uma, rpt } = await begin('draft-07');
    expect(await uma.permissions(rpt, RS)).toBe('inactive');
  });

  it('stands in no store and no log, only its hash does', async () => {
    const { uma, aat, rpt } = await begin('draft-07');
    await uma.authorize(aat, { rpt, ticket: (await uma.sharedNote()).ticket });
    expect(JSON.stringify(uma.asRo.memory)).not.toContain(rpt);
    expect([...uma.asRo.log.lines, ...uma.asRo.log.handedOver].filter((line) => line.includes('uma1_'))).toEqual([]);
  });
});

describe('Switched off, as it is unless configured', () => {
  it('has no endpoint, and knows no RPT of UMA 1.0', async () => {
    const asRo = await AsRoUnderTest.start();
    for (const path of ['/uma-1/rpt', '/uma-1/authorization', '/uma-1/permission', '/uma-1/status', '/uma-1/resource_set']) {
      expect(refusal(await asRo.send(path, { method: 'POST', headers: { Authorization: 'Bearer x' } }))).toEqual(refused(404, 'not_found'));
    }
    expect(refusal(await asRo.send('/.well-known/uma-configuration'))).toEqual(refused(404, 'not_found'));
    const { text } = await asRo.post('/introspect', { token: `uma1_${'A'.repeat(43)}` }, { Authorization: `Bearer ${await asRo.pat(OLD_RS)}` });
    expect({ text, calls: asRo.stores.calls.filter((call) => call.startsWith('uma1Tokens')) }).toEqual({ text: '{"active":false}', calls: [] });
  });

  it('refuses the media types of D05 as any other', async () => {
    const asRo = await AsRoUnderTest.start();
    const headers = { Authorization: `Bearer ${await asRo.pat()}`, 'Content-Type': 'application/uma-requested-permission+json' };
    expect(refusal(await asRo.send('/permission', { method: 'POST', headers, body: '{}' }))).toEqual(refused(400, 'invalid_request'));
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
