import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALICE, ANNA, AsRoUnderTest, ISSUER, secretsInLogs, stopAll } from './harness.ts';
import { INVALID_REQUEST, refusal, refused } from './support/answers.ts';

/** The protection API by the sentences of Federated Authorization 2 to 6, over HTTP. */
let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
afterAll(stopAll);

const COLLECTION = 'GET, HEAD, POST';
const ITEM = 'DELETE, GET, HEAD, PUT';

describe('3.2, 6: an unsupported method is 405, with Allow and an error member [F14, F28]', () => {
  const cases = [
    ['/resource', COLLECTION],
    ['/resource/', COLLECTION],
    ['/resource/res_1', ITEM],
    ['/permission', 'POST'],
    ['/introspect', 'POST'],
    ['/revocations', 'GET, HEAD'],
  ].flatMap(([path = '', allow = '']) => ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter((method) => !allow.split(', ').includes(method)).map((method) => [method, path, allow] as const));

  it.each(cases)('%s %s', async (method, path, allow) => {
    for (const answer of [await asRo.api(method, path), await asRo.send(path, { method })]) {
      expect(refusal(answer)).toEqual(refused(405, 'unsupported_method_type'));
      expect(answer.headers['allow']).toBe(allow);
    }
  });
});

describe('3.2: what is not there is 404; a path beside the API is no part of it [F14, F28]', () => {
  it.each(['GET', 'PUT', 'DELETE'])('%s', async (method) => {
    const body = method === 'PUT' ? { resource_scopes: [] } : undefined;
    for (const path of ['/resource/res_unknown', '/resource/res_1/', '/resource/res_1/x', '/resource/%2e%2e', '/resource/*']) {
      expect(refusal(await asRo.api(method, path, body))).toEqual(refused(404, 'not_found'));
    }
  });

  it.each(['/permission/x', '/introspect/x', '/revocations/x', '/permissions', '/resources'])('%s', async (path) => {
    for (const method of ['GET', 'POST']) expect(refusal(await asRo.api(method, path, method === 'POST' ? {} : undefined))).toEqual(refused(404, 'not_found'));
  });
});

describe('3.2, 4.1, 5.1: a missing, invalid or doubled parameter is 400 [F14, F28]', () => {
  const json = 'application/json';
  const form = 'application/x-www-form-urlencoded';
  it.each([
    ['POST', '/resource', json, ''],
    ['POST', '/resource', json, '{}'],
    ['POST', '/resource', json, '{"resource_scopes":["view"],"name":"a","name":"b"}'],
    ['POST', '/resource', json, '{"resource_scopes":["view"],"name#de":"a","name#de":"b"}'],
    ['POST', '/permission', json, ''],
    ['POST', '/permission', json, '{}'],
    ['POST', '/permission', json, '{"resource_id":"res_1","resource_scopes":["view"],"resource_scopes":["edit"]}'],
    ['POST', '/permission', json, '[{"resource_id":"res_1","resource_id":"res_2","resource_scopes":[]}]'],
    ['POST', '/permission', form, 'resource_id=res_1&resource_scopes=view'],
    ['POST', '/introspect', form, ''],
    ['POST', '/introspect', form, 'token_type_hint=access_token'],
    ['POST', '/introspect', form, 'token=a&token=b'],
    ['POST', '/introspect', json, '{"token":"a"}'],
  ])('%s %s (%s) %s', async (method, path, type, body) => {
    const headers = { Authorization: `Bearer ${await asRo.pat()}`, 'Content-Type': type };
    expect(refusal(await asRo.send(path, { method, headers, body }))).toEqual(INVALID_REQUEST);
  });

  it('PUT of a resource that is there', async () => {
    const id = await asRo.register({ name: 'kept' });
    const headers = { Authorization: `Bearer ${await asRo.pat()}`, 'Content-Type': json };
    for (const body of ['', '{}', '{"name":"x"}', '{"resource_scopes":["a"],"resource_scopes":["b"]}', '[]', '{"resource_scopes":["view"]']) {
      expect(refusal(await asRo.send(`/resource/${id}`, { method: 'PUT', headers, body }))).toEqual(INVALID_REQUEST);
    }
    expect((await asRo.api('GET', `/resource/${id}`)).body['name']).toBe('kept');
  });
});

describe('3.1: names and descriptions in languages (RFC 7591 2.2)', () => {
  const tagged = { 'name#de': 'Eine Notiz', 'name#ja-Jpan-JP': 'メモ', 'description#de': 'Von Alice', 'description#zh-Hant-TW': '筆記' };

  it('come back as they were sent, with and without a name of no language [F10]', async () => {
    for (const names of [{ ...tagged, name: 'A note', description: 'By Alice' }, tagged]) {
      const id = await asRo.register({ resource_scopes: ['view'], ...names });
      expect((await asRo.api('GET', `/resource/${id}`)).body).toEqual({ _id: id, resource_scopes: ['view'], owner: ALICE, ...names });
    }
  });

  it('are replaced in full: languages that are left out are gone, new ones are there [F11]', async () => {
    const id = await asRo.register({ resource_scopes: ['view'], ...tagged });
    const names = { 'name#de': 'Notiz', 'name#fr': 'Une note' };
    await asRo.api('PUT', `/resource/${id}`, { resource_scopes: ['view'], ...names });
    expect((await asRo.api('GET', `/resource/${id}`)).body).toEqual({ _id: id, resource_scopes: ['view'], owner: ALICE, ...names });
  });

  it('tell the language of nothing else: a tagged type, icon, owner or scope is a member that nobody knows [A69]', async () => {
    const id = await asRo.register({ resource_scopes: ['view'], 'owner#de': ANNA, 'resource_scopes#de': ['admin'], 'type#de': 'x', '_id#de': 'y', 'name#': 'z', 'name#a b': 'z' });
    expect((await asRo.api('GET', `/resource/${id}`)).body).toEqual({ _id: id, resource_scopes: ['view'], owner: ALICE });
  });
});

describe('3.2.1, 3.2.3: user_access_policy_uri', () => {
  it('leads to the owner’s view of the resource with its shares, for nobody but the owner [F9, F11]', async () => {
    const created = await asRo.api('POST', '/resource', { resource_scopes: ['view'], owner: ALICE, name: 'A note' });
    const id = String(created.body['_id']);
    const share = await asRo.share(id);
    const replaced = await asRo.api('PUT', `/resource/${id}`, { resource_scopes: ['view'], name: 'The note' });
    for (const { body } of [created, replaced]) {
      const uri = new URL(String(body['user_access_policy_uri']));
      expect(uri.origin).toBe(ISSUER);
      const view = await asRo.api('GET', uri.pathname, undefined, await asRo.ownerToken(ALICE));
      expect({ status: view.status, name: view.body['name'], shares: (view.body['shares'] as { id: string }[]).map((each) => each.id) }).toEqual({ status: 200, name: 'The note', shares: [share] });
      expect(refusal(await asRo.api('GET', uri.pathname, undefined, await asRo.ownerToken(ANNA)))).toEqual(refused(404, 'not_found'));
      expect(refusal(await asRo.api('GET', uri.pathname))).toEqual(refused(401, 'invalid_token'));
    }
  });
});

describe('4.1: one request is for resources of one owner, one ticket is its answer', () => {
  it('however many of the owner’s resources and scopes it names [F17, F19, F22]', async () => {
    const ids = [await asRo.register(), await asRo.register(), await asRo.register()];
    const { status, body } = await asRo.api('POST', '/permission', ids.map((resource_id, index) => ({ resource_id, resource_scopes: ['view', 'edit'].slice(0, index) })));
    expect({ status, ticket: typeof body['ticket'] }).toEqual({ status: 201, ticket: 'string' });
    const annas = await asRo.register({ owner: ANNA });
    const office = await asRo.register({ owner: undefined });
    for (const foreign of [annas, office]) {
      expect(refusal(await asRo.api('POST', '/permission', [...ids, foreign].map((resource_id) => ({ resource_id, resource_scopes: [] }))))).toEqual(INVALID_REQUEST);
    }
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
