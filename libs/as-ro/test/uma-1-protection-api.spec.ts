import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Uma1Version } from '@uma-federation/uma-core';
import { ALICE, ANNA, AsRoUnderTest, BOB, ISSUER, readToken, secretsInLogs, stopAll } from './harness.ts';
import { refusal, refused } from './support/answers.ts';
import { OLD_APP, OLD_RS, OTHER_OLD_RS, RS, type TestClient } from './support/clients.ts';
import { patOf } from './support/owners-tokens.ts';
import { failure, mediaTypeOf, Uma1UnderTest, VERSIONS } from './support/uma-1.ts';

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
const marked = (version: Uma1Version) => (version === '1.0.1' ? undefined : 'error');

describe('The configuration document', () => {
  const common = {
    version: '1.0',
    issuer: ISSUER,
    token_endpoint: `${ISSUER}/token`,
    resource_set_registration_endpoint: `${ISSUER}/uma-1`,
    permission_registration_endpoint: `${ISSUER}/uma-1/permission`,
    rpt_endpoint: `${ISSUER}/uma-1/rpt`,
  };
  const UMA_TICKET = 'urn:ietf:params:oauth:grant-type:uma-ticket';
  const later = {
    ...common,
    introspection_endpoint: `${ISSUER}/uma-1/status`,
    pat_profiles_supported: ['bearer'],
    aat_profiles_supported: ['bearer'],
    rpt_profiles_supported: ['bearer'],
    pat_grant_types_supported: ['client_credentials'],
    aat_grant_types_supported: [UMA_TICKET],
  };

  it.each([
    [
      'draft-05',
      'application/uma-configuration+json',
      {
        ...common,
        dynamic_client_registration_supported: 'no',
        oauth_token_profiles_supported: ['bearer'],
        uma_token_profiles_supported: ['bearer'],
        oauth_grant_types_supported: ['client_credentials', UMA_TICKET],
        rpt_status_endpoint: `${ISSUER}/uma-1/status`,
        permission_request_endpoint: `${ISSUER}/uma-1/authorization`,
      },
    ],
    ['draft-07', 'application/json', { ...later, authorization_request_endpoint: `${ISSUER}/uma-1/authorization` }],
    ['1.0.1', 'application/json', { ...later, rpt_profiles_supported: ['https://docs.kantarainitiative.org/uma/profiles/uma-token-bearer-1.0'] }],
  ] as const)('has the members and the media type of its version (%s)', async (version, mediaType, document) => {
    const answer = await at(version).asRo.send('/.well-known/uma-configuration');
    expect({ status: answer.status, mediaType: mediaTypeOf(answer), body: answer.body }).toEqual({ status: 200, mediaType, body: document });
  });

  it.each(VERSIONS)('names endpoints that are there (%s)', async (version) => {
    const { asRo } = at(version);
    const { body } = await asRo.send('/.well-known/uma-configuration');
    const endpoints = Object.entries(body).filter(([name]) => name.endsWith('_endpoint') && name !== 'token_endpoint' && !name.startsWith('resource_set'));
    expect(endpoints.length).toBeGreaterThanOrEqual(version === '1.0.1' ? 3 : 4);
    for (const [name, url] of endpoints) expect({ name, status: (await asRo.send(new URL(String(url)).pathname, { method: 'POST' })).status }).toEqual({ name, status: 401 });
  });
});

describe.each(VERSIONS)('Permission registration (%s)', (version) => {
  it('gives an ordinary ticket with 201, and a Location in the drafts', async () => {
    const uma = at(version);
    const id = await uma.asRo.register({}, OLD_RS);
    const answer = await uma.registerPermission({ resource_set_id: id, scopes: ['view', 'print'] });
    expect({ status: answer.status, members: Object.keys(answer.body), cache: answer.headers['cache-control'] }).toEqual({ status: 201, members: ['ticket'], cache: 'no-store' });
    expect(mediaTypeOf(answer)).toBe(version === 'draft-05' ? 'application/uma-permission-ticket+json' : 'application/json');
    expect(readToken(String(answer.body['ticket'])).header['typ']).toBe('uma-ticket+jwt');
    const { location } = answer.headers;
    expect(location).toEqual(version === '1.0.1' ? undefined : expect.stringMatching(/^https:\/\/as\.acme\.example\/uma-1\/permission\/[A-Za-z0-9_-]{22}$/));
    expect(String(answer.body['ticket'])).not.toContain(location ?? 'no location');
  });

  it('refuses unknown and foreign resource sets, and scopes that are not registered', async () => {
    const uma = at(version);
    const foreign = await uma.asRo.register({}, OTHER_OLD_RS);
    for (const resource_set_id of ['res_none', foreign]) {
      expect(failure(await uma.registerPermission({ resource_set_id, scopes: ['view'] }))).toEqual({ http: 400, status: marked(version), error: 'invalid_resource_set_id' });
    }
    const id = await uma.asRo.register({}, OLD_RS);
    for (const scopes of [['fly'], ['view', 'fly'], ['a b']]) {
      expect(failure(await uma.registerPermission({ resource_set_id: id, scopes }))).toEqual({ http: 400, status: marked(version), error: 'invalid_scope' });
    }
  });

  it('needs one scope or more, and the old names', async () => {
    const uma = at(version);
    const id = await uma.asRo.register({}, OLD_RS);
    for (const body of [{ resource_set_id: id, scopes: [] }, { resource_set_id: id }, { scopes: ['view'] }, { resource_id: id, resource_scopes: ['view'] }, [{ resource_set_id: id, scopes: ['view'] }], '{']) {
      expect(await uma.registerPermission(body)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    }
  });

  it('takes the media types of its version only', async () => {
    const uma = at(version);
    const body = JSON.stringify({ resource_set_id: await uma.asRo.register({}, OLD_RS), scopes: ['view'] });
    const Authorization = `Bearer ${await uma.asRo.pat(OLD_RS)}`;
    const post = async (type: string) => (await uma.asRo.send('/uma-1/permission', { method: 'POST', headers: { Authorization, 'Content-Type': type }, body })).status;
    expect(await post('application/json')).toBe(201);
    expect(await post('application/uma-requested-permission+json')).toBe(version === 'draft-05' ? 201 : 400);
    for (const type of ['text/plain', 'application/uma-resource-set+json', 'application/x-www-form-urlencoded']) expect(await post(type)).toBe(400);
  });

  it('is for resource servers that are marked, with their PAT', async () => {
    const uma = at(version);
    const body = { resource_set_id: await uma.asRo.register(), scopes: ['view'] };
    expect(refusal(await uma.registerPermission(body, RS))).toEqual(refused(403, 'insufficient_scope'));
    expect(refusal(await uma.asRo.api('POST', '/uma-1/permission', body, 'none'))).toEqual(refused(401, 'invalid_token'));
    expect(refusal(await uma.asRo.api('POST', '/uma-1/status', body, await uma.asRo.pat(RS)))).toEqual(refused(403, 'insufficient_scope'));
  });
});

describe('A PAT', () => {
  const SCOPE = 'http://docs.kantarainitiative.org/uma/scopes/prot.json';
  const ask = (uma: Uma1UnderTest, client: TestClient, scope = SCOPE) => uma.asRo.tokenRequest({ grant_type: 'client_credentials', scope }, { client });

  it.each(VERSIONS)('can be had under the older name of its scope, and is an ordinary one (%s)', async (version) => {
    const uma = at(version);
    const { status, body } = await ask(uma, OLD_RS);
    expect({ status, scope: body['scope'] }).toEqual({ status: 200, scope: 'uma_protection' });
    expect((await uma.asRo.api('GET', '/uma-1/resource_set', undefined, String(body['access_token']))).status).toBe(200);
  });

  it('cannot be had so by a resource server that is not marked, nor where UMA 1.0 is off', async () => {
    expect(refusal(await ask(at('draft-05'), RS))).toEqual(refused(400, 'invalid_scope'));
    const { body } = await (await AsRoUnderTest.start()).tokenRequest({ grant_type: 'client_credentials', scope: SCOPE }, { client: OLD_RS });
    expect(body['error']).toBe('invalid_scope');
  });

  it('is no wider than what the resource server is registered for', async () => {
    for (const scope of [`${SCOPE} statistics`, `${SCOPE}#x`, SCOPE.toUpperCase()]) expect(refusal(await ask(at('draft-05'), OLD_RS, scope))).toEqual(refused(400, 'invalid_scope'));
  });
});

describe('Token status', () => {
  /** A live RPT with one permission, and one without; in 1.0.1 none is without. */
  async function rpts(version: Uma1Version) {
    const uma = at(version);
    const aat = await uma.aat();
    const rpt = version === '1.0.1' ? undefined : await uma.rpt(aat);
    const { id, ticket } = await uma.sharedNote({ expires_at: uma.asRo.clock.now() + 100 });
    const { body } = await uma.authorize(aat, { rpt, ticket });
    return { uma, id, rpt: String(body['rpt']), now: uma.asRo.clock.now() };
  }

  it('of draft 05 is an array of permissions, or says that the RPT is invalid', async () => {
    const { uma, id, rpt, now } = await rpts('draft-05');
    const live = await uma.status(rpt);
    expect({ status: live.status, mediaType: mediaTypeOf(live), cache: live.headers['cache-control'] }).toEqual({ status: 200, mediaType: 'application/uma-rpt-status+json', cache: 'no-store' });
    expect(live.body).toEqual([{ resource_set_id: id, scopes: ['view'], exp: now + 100 }]);
    expect((await uma.status(await uma.rpt(await uma.aat()))).body).toEqual([]);
    for (const dead of ['sbjsbhs(/SSJHBSUSSJHVhjsgvhsgvshgsv', `uma1_${'A'.repeat(43)}`]) {
      const answer = await uma.status(dead);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: { rpt_status: 'invalid' } });
    }
    expect((await uma.status(rpt, OTHER_OLD_RS)).body).toEqual({ rpt_status: 'invalid' });
  });

  it('of draft 07 has the members of the introspection draft', async () => {
    const { uma, id, rpt, now } = await rpts('draft-07');
    const live = await uma.status(rpt);
    expect({ status: live.status, body: live.body }).toEqual({
      status: 200,
      body: { valid: true, expires_at: now + 3600, issued_at: now, permissions: [{ resource_set_id: id, scopes: ['view'], expires_at: now + 100, issued_at: now }] },
    });
    expect((await uma.status(rpt, OTHER_OLD_RS)).text).toBe('{"valid":false}');
    expect((await uma.status('x')).text).toBe('{"valid":false}');
  });

  it('of 1.0.1 has the members of RFC 7662, and no scope', async () => {
    const { uma, id, rpt, now } = await rpts('1.0.1');
    const live = await uma.status(rpt);
    expect({ status: live.status, body: live.body }).toEqual({
      status: 200,
      body: { active: true, exp: now + 3600, iat: now, client_id: OLD_APP.id, sub: BOB, permissions: [{ resource_set_id: id, scopes: ['view'], exp: now + 100, iat: now }] },
    });
    expect((await uma.status(rpt, OTHER_OLD_RS)).text).toBe('{"active":false}');
    expect((await uma.status('x')).text).toBe('{"active":false}');
  });

  it('leaves out scopes that the RS has taken from the resource since', async () => {
    const uma = at('draft-05');
    const id = await uma.asRo.register({ resource_scopes: ['view', 'edit'] }, OLD_RS);
    await uma.asRo.share(id, { scopes: ['view', 'edit'] });
    const aat = await uma.aat();
    const rpt = await uma.rpt(aat);
    await uma.authorize(aat, { rpt, ticket: await uma.ticket(id, ['view', 'edit']) });
    await uma.asRo.api('PUT', `/resource/${id}`, { resource_scopes: ['view'] }, await uma.asRo.pat(OLD_RS));
    expect((await uma.status(rpt)).body).toMatchObject([{ resource_set_id: id, scopes: ['view'] }]);
  });

  it('A29 tells the PAT of one owner nothing of what belongs to another [F5]', async () => {
    const uma = await Uma1UnderTest.start('draft-05', { personalProtectionTokens: { enabled: true } });
    const [alices, annas] = [await patOf(uma.asRo, ALICE, OLD_RS), await patOf(uma.asRo, ANNA, OLD_RS)];
    const description = { name: 'Note', scopes: ['view'] };
    const { status } = await uma.asRo.api('PUT', '/uma-1/resource_set/note-1', description, alices);
    expect({ status, annas: (await uma.asRo.api('GET', '/uma-1/resource_set/note-1', undefined, annas)).status, list: (await uma.asRo.api('GET', '/uma-1/resource_set', undefined, annas)).body }).toEqual({ status: 201, annas: 404, list: [] });
    const request = { resource_set_id: 'note-1', scopes: ['view'] };
    expect(failure(await uma.asRo.api('POST', '/uma-1/permission', request, annas))).toEqual({ http: 400, status: 'error', error: 'invalid_resource_set_id' });
    const { body } = await uma.asRo.api('POST', '/uma-1/permission', request, alices);
    await uma.asRo.share(String((await uma.asRo.api('GET', '/resource', undefined, alices)).body[0]));
    const aat = await uma.aat();
    const rpt = await uma.rpt(aat);
    expect((await uma.authorize(aat, { rpt, ticket: body['ticket'] })).status).toBe(200);
    const told = async (pat: string) => (await uma.asRo.api('POST', '/uma-1/status', { rpt }, pat)).body;
    expect([await told(alices), await told(annas)]).toEqual([[{ resource_set_id: 'note-1', scopes: ['view'], exp: uma.asRo.clock.now() + 600 }], { rpt_status: 'invalid' }]);
  });

  it('A72 is told as often as introspection allows', async () => {
    const uma = await Uma1UnderTest.start('draft-07', { limits: { introspectionsPerResourceServer: 2 } });
    expect([(await uma.status('x')).status, (await uma.introspect('x')).status]).toEqual([200, 200]);
    const answer = await uma.status('x');
    expect({ ...failure(answer), wait: Number(answer.headers['retry-after']) > 0 }).toEqual({ http: 429, status: 'error', error: 'temporarily_unavailable', wait: true });
    expect((await uma.status('x', OTHER_OLD_RS)).status).toBe(200);
  });

  it('is asked by POST in the form of its version', async () => {
    const Authorization = `Bearer ${await at('draft-05').asRo.pat(OLD_RS)}`;
    expect(failure(await at('draft-05').asRo.post('/uma-1/status', { token: 'x' }, { Authorization }))).toEqual({ http: 400, status: 'error', error: 'invalid_request' });
    expect(failure(await at('draft-07').asRo.api('POST', '/uma-1/status', { rpt: 'x' }, await at('draft-07').asRo.pat(OLD_RS)))).toEqual({ http: 400, status: 'error', error: 'invalid_request' });
    for (const version of VERSIONS) expect(refusal(await at(version).asRo.send('/uma-1/status'))).toEqual(refused(405, 'unsupported_method_type'));
  });
});

describe('A4 Tokens in wrong slots', () => {
  it('an RPT of UMA 1.0 is nothing anywhere else: ticket, claims token, AAT, PAT, rpt of UMA 2.0, owner’s token', async () => {
    const uma = at('draft-07');
    const { asRo } = uma;
    const rpt = await uma.rpt(await uma.aat());
    expect(refusal(await asRo.redeem({ ticket: rpt }, { client: OLD_APP }))).toEqual(refused(400, 'invalid_grant'));
    expect((await asRo.redeem({ ticket: (await uma.sharedNote()).ticket, claim_token: rpt }, { client: OLD_APP })).status).toBe(403);
    for (const [method, target] of [['POST', '/uma-1/rpt'], ['POST', '/uma-1/authorization'], ['POST', '/uma-1/permission'], ['POST', '/uma-1/status'], ['GET', '/resource'], ['POST', '/permission'], ['GET', '/persisted-claims'], ['GET', '/owner/shares']] as const) {
      expect({ target, ...refusal(await asRo.api(method, target, method === 'POST' ? {} : undefined, rpt)) }).toEqual({ target, ...refused(401, 'invalid_token') });
    }
    expect((await asRo.post('/introspect', { token: 'x' }, { Authorization: `Bearer ${rpt}` })).status).toBe(401);
    expect(await uma.permissions(rpt)).toEqual([]);
  });

  it('neither ticket, PAT, resource claims token, owner’s token nor an RPT for a resource server is an AAT', async () => {
    const uma = at('draft-07');
    const note = await uma.asRo.sharedNote();
    const rptOfUma2 = String((await uma.asRo.access(await uma.asRo.sharedNote(), { clientId: OLD_APP.id }, { client: OLD_APP })).body['access_token']);
    for (const token of [note.ticket, note.resourceClaimsToken, await uma.asRo.pat(OLD_RS), await uma.asRo.ownerToken(), await uma.asRo.identityToken(note), rptOfUma2]) {
      expect(refusal(await uma.asRo.api('POST', '/uma-1/rpt', undefined, token))).toEqual(refused(401, 'invalid_token'));
    }
  });

  it('an AAT is neither PAT nor RPT: not at the older endpoints, not at the newer ones', async () => {
    const uma = at('draft-07');
    const aat = await uma.aat();
    for (const target of ['/uma-1/permission', '/uma-1/status', '/permission', '/resource']) expect((await uma.asRo.api('POST', target, {}, aat)).status).toBe(401);
    expect(await uma.permissions(aat)).toBe('inactive');
    expect((await uma.status(aat)).body).toEqual({ valid: false });
    expect(refusal(await uma.authorize(aat, { rpt: aat, ticket: (await uma.sharedNote()).ticket }))).toEqual(refused(401, 'invalid_token'));
  });

  it('an AAT that was revoked is none any more', async () => {
    const uma = at('draft-07');
    const aat = await uma.aat();
    const basic = Buffer.from(`${encodeURIComponent(OLD_APP.id)}:${encodeURIComponent(OLD_APP.secret ?? '')}`).toString('base64');
    expect((await uma.asRo.post('/revoke', { token: aat }, { Authorization: `Basic ${basic}` })).status).toBe(200);
    expect(refusal(await uma.asRo.api('POST', '/uma-1/rpt', undefined, aat))).toEqual(refused(401, 'invalid_token'));
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
