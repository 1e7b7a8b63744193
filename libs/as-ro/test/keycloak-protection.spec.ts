import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { GRANT_TYPES } from '@uma-federation/uma-core';
import { ALICE, ANNA, type AsRoUnderTest, BOB, ISSUER, readToken, secretsInLogs, stopAll } from './harness.ts';
import { INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { APP, NO_RS, OTHER_RS, PHOTOS_RS, PUBLIC_APP, RS, UNPRIVILEGED_RS } from './support/clients.ts';
import { basic, CAROL, INTROSPECTION, listOf, PERMISSION, post, RESOURCE_SET, sharedWithCarol, startWithAlias, TOKEN, uma, userToken } from './support/keycloak.ts';
import { patOf } from './support/owners-tokens.ts';
import { writesAmong } from './support/watch-stores.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await startWithAlias();
});
beforeEach(() => {
  asRo.stores.calls.length = 0;
});
afterAll(stopAll);

const SCOPES = [{ name: 'view' }, { name: 'edit' }];
/** A resource as Keycloak's Java client writes it. */
const album = (name: string) => ({
  name,
  displayName: name,
  type: 'urn:album',
  uris: ['/albums/1'],
  scopes: [{ name: 'view' }, { id: 'x', name: 'edit' }],
  icon_uri: 'https://rs.acme.example/icon.png',
  owner: { id: ALICE, name: ALICE },
  ownerManagedAccess: true,
  attributes: { colour: ['red'] },
});
const described = (id: unknown, name: string) => ({
  _id: id,
  name,
  displayName: name,
  type: 'urn:album',
  icon_uri: 'https://rs.acme.example/icon.png',
  uris: ['https://rs.acme.example/albums/1'],
  owner: { id: ALICE, name: ALICE },
  ownerManagedAccess: true,
  attributes: {},
  scopes: SCOPES,
  resource_scopes: SCOPES,
});
const create = (body: unknown, token?: string) => asRo.api('POST', RESOURCE_SET, body, token);

describe('resource_set', () => {
  it('registers a resource in Keycloak’s form, which is a resource like every other [F9]', async () => {
    const { status, body, headers } = await create(album('album a'));
    expect({ status, body }).toEqual({ status: 201, body: described(body['_id'], 'album a') });
    expect(headers['location']).toBe(`${ISSUER}${RESOURCE_SET}/${body['_id']}`);
    const { body: plain } = await asRo.api('GET', `/resource/${body['_id']}`);
    expect(plain).toMatchObject({ _id: body['_id'], resource_scopes: ['view', 'edit'], owner: ALICE, uri: 'https://rs.acme.example/albums/1' });
  });

  it('takes what python-keycloak and UMA clients write, too', async () => {
    const { body } = await create({ name: 'album b', resource_scopes: ['view'], uri: 'https://rs.acme.example/albums/2', owner: ALICE });
    expect(body).toMatchObject({ uris: ['https://rs.acme.example/albums/2'], scopes: [{ name: 'view' }], owner: { id: ALICE, name: ALICE } });
    const { body: bare } = await create({ name: 'album c' });
    expect(bare).toMatchObject({ uris: [], scopes: [], owner: { id: 'office@acme.example', name: 'office@acme.example' } });
  });

  it('reads, replaces in full and removes [F10, F11, F12]', async () => {
    const { body } = await create(album('album d'));
    const path = `${RESOURCE_SET}/${body['_id']}`;
    expect((await asRo.api('GET', path)).body).toEqual(described(body['_id'], 'album d'));
    const replaced = await asRo.api('PUT', path, { _id: body['_id'], name: 'album e', scopes: ['view'], owner: { id: ALICE } });
    expect({ status: replaced.status, text: replaced.text }).toEqual({ status: 204, text: '' });
    expect((await asRo.api('GET', path)).body).toMatchObject({ name: 'album e', uris: [], scopes: [{ name: 'view' }], owner: { id: ALICE } });
    const removed = await asRo.api('DELETE', path);
    expect({ status: removed.status, text: removed.text }).toEqual({ status: 204, text: '' });
    expect(refusal(await asRo.api('GET', path))).toEqual(refused(404, 'not_found'));
  });

  it('lists ids, filtered by the members, and descriptions on demand [F13]', async () => {
    const { body: first } = await create({ ...album('find me'), type: 'urn:find', uris: ['/find/1'] });
    const { body: second } = await create({ name: 'find me, too', type: 'urn:find', uris: ['/find/*'], scopes: ['view', 'find'], owner: ANNA });
    const [a, b] = [first['_id'], second['_id']];
    const ids = async (query: string) => listOf(await asRo.api('GET', `${RESOURCE_SET}?${query}`));
    expect(await ids('type=urn:find')).toEqual([a, b]);
    expect(await ids('type=urn:find&first=1&max=1')).toEqual([b]);
    expect(await ids('name=find%20me')).toEqual([a]);
    expect(await ids(`_id=${a}`)).toEqual([a]);
    expect(await ids(`type=urn:find&owner=${ANNA}`)).toEqual([b]);
    expect(await ids('scope=find')).toEqual([b]);
    expect(await ids('uri=/find/1')).toEqual([a]);
    expect(await ids('uri=/find/2')).toEqual([]);
    expect(await ids('uri=/find/2&matchingUri=true')).toEqual([b]);
    expect(await ids('uri=/find/1&matchingUri=true')).toEqual([a]);
    expect(await ids('name=find%20me&deep=true')).toEqual([expect.objectContaining({ _id: a, name: 'find me', scopes: SCOPES })]);
    // A resource server that looks for a name that is not there gets an empty list, not somebody else's.
    expect(listOf(await asRo.api('GET', `${RESOURCE_SET}?type=urn:find`, undefined, await asRo.pat(OTHER_RS)))).toEqual([]);
    for (const query of ['first=-1', 'max=x', 'name=a&name=b']) expect(refusal(await asRo.api('GET', `${RESOURCE_SET}?${query}`))).toEqual(INVALID_REQUEST);
  });

  it.each([
    ['no name', { scopes: [] }],
    ['scopes that are none', { name: 'x', scopes: [{ id: 'view' }] }],
    ['several URIs: one place a resource, or some would be unprotected', { name: 'x', uris: ['/a', '/b'] }],
    ['a URI of somebody else', { name: 'x', uris: ['https://rs2.acme.example/api'] }],
    ['a URI that climbs out', { name: 'x', uris: ['/a/../../b'] }],
    ['an owner of another domain', { name: 'x', owner: BOB }],
    ['an owner that is no address', { name: 'x', owner: { id: '5fe0e1c6' } }],
    ['no object', []],
  ])('refuses %s [F14]', async (_what, body) => {
    expect(refusal(await create(body))).toEqual(INVALID_REQUEST);
    expect(writesAmong(asRo.stores.calls)).toEqual([]);
  });

  it('A29 a resource of another resource server is not there, by whatever method (Keycloak CVE-2026-4630)', async () => {
    const { body } = await create(album('album f'));
    const pat = await asRo.pat(OTHER_RS);
    for (const [method, json] of [['GET'], ['DELETE'], ['PUT', album('taken')]] as const) {
      expect(refusal(await asRo.api(method, `${RESOURCE_SET}/${body['_id']}`, json, pat))).toEqual(refused(404, 'not_found'));
    }
    expect((await asRo.api('GET', `${RESOURCE_SET}/${body['_id']}`)).body['name']).toBe('album f');
  });

  it('A26 ids in the body count for nothing: what is replaced is what the path names (Keycloak CVE-2026-4636) [F32]', async () => {
    const { body: own } = await create(album('album g'));
    const foreign = await asRo.register({ owner: ALICE, name: 'theirs' }, OTHER_RS);
    await asRo.api('PUT', `${RESOURCE_SET}/${own['_id']}`, { ...album('album h'), _id: foreign, id: foreign, resources: [foreign] });
    expect((await asRo.api('GET', `/resource/${foreign}`, undefined, await asRo.pat(OTHER_RS))).body['name']).toBe('theirs');
    const { body: created } = await create({ ...album('album i'), _id: foreign });
    expect(created['_id']).not.toBe(foreign);
  });
});

describe('permission', () => {
  it('gives a ticket for one or several permissions, and no further member [F17, F19]', async () => {
    const ids = [await sharedWithCarol(asRo), await sharedWithCarol(asRo)];
    for (const body of [{ resource_id: ids[0], resource_scopes: ['view'] }, ids.map((id) => ({ resource_id: id, resource_scopes: ['view'] }))]) {
      const { status, body: answer } = await asRo.api('POST', PERMISSION, body);
      expect({ status, answer }).toEqual({ status: 201, answer: { ticket: expect.any(String) } });
      expect((await uma(asRo, { ticket: String(answer['ticket']) })).status).toBe(200);
    }
  });

  it('takes the name of a resource, and without scopes all that it has', async () => {
    const id = await sharedWithCarol(asRo, { name: 'by name', resource_scopes: ['view', 'edit'] }, { scopes: ['view', 'edit'] });
    for (const body of [[{ resource_id: 'by name' }], [{ resource_id: id, resource_scopes: [] }], [{ resource_id: id, resource_scopes: null }]]) {
      const { body: answer } = await asRo.api('POST', PERMISSION, body);
      const { body: granted } = await uma(asRo, { ticket: String(answer['ticket']) });
      expect(readToken(String(granted['access_token'])).claims['permissions']).toEqual([{ resource_id: id, resource_scopes: ['view', 'edit'] }]);
    }
  });

  it('A29 knows no resource of another resource server, and no name that two resources have', async () => {
    const foreign = await asRo.register({ owner: ALICE, name: 'foreign' }, OTHER_RS);
    for (const name of ['twice', 'twice']) await asRo.register({ name });
    for (const resource_id of [foreign, 'foreign', 'twice', '*', 'resource-type:urn:album']) {
      expect(refusal(await asRo.api('POST', PERMISSION, [{ resource_id, resource_scopes: ['view'] }]))).toEqual(refused(400, 'invalid_resource_id'));
    }
  });

  it('refuses scopes that were not registered, and what is no permission [F21]', async () => {
    const id = await asRo.register();
    expect(refusal(await asRo.api('POST', PERMISSION, [{ resource_id: id, resource_scopes: ['admin'] }]))).toEqual(refused(400, 'invalid_scope'));
    for (const body of [[], {}, [{ resource_scopes: ['view'] }], 'x']) expect(refusal(await asRo.api('POST', PERMISSION, body))).toEqual(INVALID_REQUEST);
  });
});

describe('A28 without the scope uma_protection (Keycloak CVE-2026-3190)', () => {
  const ENDPOINTS: readonly (readonly [string, string, unknown])[] = [
    ['POST', RESOURCE_SET, { name: 'x' }],
    ['GET', RESOURCE_SET, undefined],
    ['GET', `${RESOURCE_SET}/res_x`, undefined],
    ['PUT', `${RESOURCE_SET}/res_x`, { name: 'x' }],
    ['DELETE', `${RESOURCE_SET}/res_x`, undefined],
    ['POST', PERMISSION, []],
  ];

  it.each(ENDPOINTS)('%s %s answers 403 [F4]', async (method, path, json) => {
    const tokenOf = async (client: typeof RS) => {
      const { body } = await post(asRo, TOKEN, { grant_type: GRANT_TYPES.clientCredentials, client_id: client.id, client_secret: client.secret });
      return String(body['access_token']);
    };
    for (const client of [UNPRIVILEGED_RS, NO_RS]) expect(refusal(await asRo.api(method, path, json, await tokenOf(client)))).toEqual(refused(403, 'insufficient_scope'));
  });

  it.each(ENDPOINTS)('%s %s answers 401 to a user token, an RPT and nothing [F2]', async (method, path, json) => {
    const id = await sharedWithCarol(asRo);
    const { body } = await uma(asRo, { audience: RS.id, permission: id });
    for (const token of [userToken(asRo), userToken(asRo, { claims: { client_id: RS.id, scope: 'uma_protection' } }), String(body['access_token'])]) {
      expect(refusal(await asRo.api(method, path, json, token))).toEqual(refused(401, 'invalid_token'));
    }
    expect((await asRo.send(path, { method })).status).toBe(401);
  });

  it('introspection answers 403 to such a client, 401 to one that is not authenticated', async () => {
    const introspect = (authorization: string) => post(asRo, INTROSPECTION, { token: 'x' }, { Authorization: authorization });
    // One that acts only for owners who consented has no rights of its own.
    for (const client of [UNPRIVILEGED_RS, NO_RS, APP, PHOTOS_RS]) expect(refusal(await introspect(basic(client)))).toEqual(refused(403, 'insufficient_scope'));
    expect(refusal(await introspect(basic({ ...RS, secret: 'wrong' })))).toEqual(refused(401, 'invalid_client'));
    expect(refusal(await post(asRo, INTROSPECTION, { token: 'x', client_id: PUBLIC_APP.id }))).toEqual(refused(403, 'insufficient_scope'));
    expect(refusal(await introspect(`Bearer ${userToken(asRo)}`))).toEqual(refused(401, 'invalid_token'));
  });
});

describe('A29 the PAT of a person', () => {
  it('opens that person’s resources, and nobody else’s are there, by id, name, list or ticket [F5, F13]', async () => {
    const both = await startWithAlias({}, { settings: { personalProtectionTokens: { enabled: true } } });
    const [alices, annas] = [await patOf(both, ALICE), await patOf(both, ANNA)];
    const { body } = await both.api('POST', RESOURCE_SET, { name: 'photos of alice', scopes: ['view'], type: 'urn:photos' }, alices);
    expect(body['owner']).toEqual({ id: ALICE, name: ALICE });
    const id = String(body['_id']);
    const ids = async (query: string, pat: string) => listOf(await both.api('GET', `${RESOURCE_SET}?${query}`, undefined, pat));
    for (const query of ['', `_id=${id}`, 'type=urn:photos', 'name=photos%20of%20alice', `owner=${ALICE}`]) {
      expect(await ids(query, alices)).toEqual([id]);
      expect(await ids(query, annas)).toEqual([]);
    }
    for (const [method, json] of [['GET', undefined], ['PUT', { name: 'mine' }], ['DELETE', undefined]] as const) {
      expect(refusal(await both.api(method, `${RESOURCE_SET}/${id}`, json, annas))).toEqual(refused(404, 'not_found'));
    }
    for (const resource_id of [id, 'photos of alice']) {
      expect(refusal(await both.api('POST', PERMISSION, [{ resource_id }], annas))).toEqual(refused(400, 'invalid_resource_id'));
      expect((await both.api('POST', PERMISSION, [{ resource_id }], alices)).status).toBe(201);
    }
    expect(refusal(await both.api('POST', RESOURCE_SET, { name: 'x', owner: ANNA }, alices))).toEqual(INVALID_REQUEST);
  });
});

describe('token/introspect', () => {
  const introspect = (token: string, headers: Record<string, string> = { Authorization: basic() }) =>
    post(asRo, INTROSPECTION, { token, token_type_hint: 'requesting_party_token' }, headers);

  it('tells the permissions in both dialects, to the client’s credentials or its PAT [F24]', async () => {
    const id = await sharedWithCarol(asRo, { name: 'seen' });
    const { body } = await uma(asRo, { audience: RS.id, permission: `${id}#view` });
    const rpt = String(body['access_token']);
    const expected = {
      active: true,
      aud: 'https://rs.acme.example',
      sub: CAROL,
      client_id: PUBLIC_APP.id,
      azp: PUBLIC_APP.id,
      permissions: [{ rsid: id, rsname: 'seen', scopes: ['view'], resource_id: id, resource_scopes: ['view'] }],
      authorization: { permissions: [{ rsid: id, rsname: 'seen', scopes: ['view'] }] },
    };
    expect((await introspect(rpt)).body).toMatchObject(expected);
    expect((await introspect(rpt, { Authorization: `Bearer ${await asRo.pat()}` })).body).toMatchObject(expected);
    const inForm = await post(asRo, INTROSPECTION, { token: rpt, client_id: RS.id, client_secret: RS.secret });
    expect(inForm.body).toMatchObject(expected);
    expect(inForm.headers['cache-control']).toBe('no-store');
  });

  it('A80 tells nothing of a token for another resource server, or of no RPT', async () => {
    const id = await sharedWithCarol(asRo);
    const { body } = await uma(asRo, { audience: RS.id, permission: `${id}#view` });
    expect((await introspect(String(body['access_token']), { Authorization: basic(OTHER_RS) })).text).toBe('{"active":false}');
    for (const token of [userToken(asRo), await asRo.pat(), 'x']) expect((await introspect(token)).text).toBe('{"active":false}');
  });
});

it('A78 no token, address or secret is in the log', () => {
  expect(secretsInLogs()).toEqual([]);
});
