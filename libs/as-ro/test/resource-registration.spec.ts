import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { ALICE, ANNA, AsRoUnderTest, ISSUER, secretsInLogs, stopAll } from './harness.ts';
import { INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { OTHER_RS } from './support/clients.ts';
import { writesAmong } from './support/watch-stores.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
beforeEach(() => {
  asRo.stores.calls.length = 0;
});
afterAll(stopAll);

const FULL = {
  resource_scopes: ['view', 'https://scopes.example/print'],
  name: 'A note',
  description: 'What Alice wrote',
  icon_uri: 'https://rs.acme.example/icon.png',
  type: 'https://types.example/note',
  uri: 'https://rs.acme.example/users/alice/notes/1',
  owner: ALICE,
  'name#de': 'Eine Notiz',
  'description#ja-Jpan-JP': 'メモ',
};

const create = (description: unknown, path = '/resource') => asRo.api('POST', path, description);
const read = (id: string) => asRo.api('GET', `/resource/${id}`);

describe('The five operations [F8]', () => {
  it.each(['/resource', '/resource/'])('create at %s answers 201 with Location, _id and where the owner sets policy [F9]', async (path) => {
    const { status, body, headers } = await create(FULL, path);
    expect(status).toBe(201);
    expect(body).toEqual({ _id: expect.stringMatching(/^res_[A-Za-z0-9_-]{22}$/), user_access_policy_uri: `${ISSUER}/owner/resources/${body['_id']}` });
    expect(headers['location']).toBe(`${ISSUER}/resource/${body['_id']}`);
    expect(headers['cache-control']).toBe('no-store');
    expect((await asRo.send(new URL(String(headers['location'])).pathname, { headers: { Authorization: `Bearer ${await asRo.pat()}` } })).status).toBe(200);
  });

  it('read answers 200 with the description as it was sent, language-tagged members too, and _id [F10]', async () => {
    const { body } = await create(FULL);
    const answer = await read(String(body['_id']));
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: { _id: body['_id'], ...FULL } });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('update replaces the description in full: members that are left out are gone [F11]', async () => {
    const id = await asRo.register(FULL);
    const { status, body } = await asRo.api('PUT', `/resource/${id}`, { resource_scopes: ['edit'], name: 'Another' });
    expect({ status, body }).toEqual({ status: 200, body: { _id: id, user_access_policy_uri: `${ISSUER}/owner/resources/${id}` } });
    expect((await read(id)).body).toEqual({ _id: id, resource_scopes: ['edit'], name: 'Another', owner: ALICE });
  });

  it('delete answers 204, and the resource can be protected no more [F12, F29]', async () => {
    const note = await asRo.sharedNote();
    const granted = await asRo.access(note);
    const later = await asRo.challenge({ resource_id: note.id, resource_scopes: ['view'] });
    const removal = await asRo.api('DELETE', `/resource/${note.id}`);
    expect({ status: removal.status, text: removal.text }).toEqual({ status: 204, text: '' });

    expect(refusal(await asRo.api('POST', '/permission', { resource_id: note.id, resource_scopes: ['view'] }))).toEqual(refused(400, 'invalid_resource_id'));
    for (const method of ['GET', 'DELETE']) expect(refusal(await asRo.api(method, `/resource/${note.id}`))).toEqual(refused(404, 'not_found'));
    expect((await asRo.access(later)).body['error']).toBe('request_denied');
    const introspection = await asRo.post('/introspect', { token: String(granted.body['access_token']) }, { Authorization: `Bearer ${await asRo.pat()}` });
    expect(introspection.text).toBe('{"active":false}');
  });

  it.each(['/resource', '/resource/'])('list at %s answers 200 with an array of ids of this RS [F13]', async (path) => {
    const ids = [await asRo.register(), await asRo.register()];
    const { status, text } = await asRo.api('GET', path);
    const list = JSON.parse(text) as unknown[];
    expect({ status, isArrayOfStrings: list.every((id) => typeof id === 'string') }).toEqual({ status: 200, isArrayOfStrings: true });
    expect(list).toEqual(expect.arrayContaining(ids));
  });

  it('answers other methods with 405, and what is not there with 404, each with an error member [F14, F28]', async () => {
    const id = await asRo.register();
    for (const [method, path, allow] of [['PATCH', `/resource/${id}`, 'DELETE, GET, HEAD, PUT'], ['POST', `/resource/${id}`, 'DELETE, GET, HEAD, PUT'], ['DELETE', '/resource', 'GET, HEAD, POST']] as const) {
      const answer = await asRo.api(method, path);
      expect(refusal(answer)).toEqual(refused(405, 'unsupported_method_type'));
      expect(answer.headers['allow']).toBe(allow);
    }
    for (const path of ['/resource/res_unknown', '/resource/%00', '/resource/a%2fb', '/resource/..', '/resource/__proto__', `/resource/${'x'.repeat(300)}`]) {
      expect(refusal(await asRo.api('GET', path))).toEqual(refused(404, 'not_found'));
    }
  });
});

describe('A description', () => {
  it.each([
    ['no resource_scopes [F15]', { name: 'x' }],
    ['resource_scopes as a string [F15]', { resource_scopes: 'view' }],
    ['resource_scopes null [F15]', { resource_scopes: null }],
    ['a scope that is no string [F15]', { resource_scopes: ['view', 1] }],
    ['an empty scope', { resource_scopes: [''] }],
    ['too many scopes', { resource_scopes: Array.from({ length: 65 }, (_, index) => `s${index}`) }],
    ['a name that is no string', { resource_scopes: [], name: 1 }],
    ['a language-tagged name that is no string', { resource_scopes: [], 'name#de': {} }],
    ['too many languages', { resource_scopes: [], ...Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`name#x${index}`, 'x'])) }],
    ['an icon that is a script', { resource_scopes: [], icon_uri: 'javascript:alert(1)' }],
    ['an icon that is a script with an authority', { resource_scopes: [], icon_uri: 'javascript://rs.acme.example/%0aalert(1)' }],
    ['an icon that breaks out of an attribute', { resource_scopes: [], icon_uri: 'https://rs.acme.example/"><script>' }],
    ['an owner that is no address', { resource_scopes: [], owner: 'alice' }],
    ['an array', []],
    ['null', 'null'],
    ['no JSON', '{"resource_scopes":[]'],
    ['a byte order mark', '\ufeff{"resource_scopes":[]}'],
    ['duplicate members', '{"resource_scopes":["view"],"resource_scopes":["admin"]}'],
    ['duplicate members deep inside', '{"resource_scopes":["view"],"x":{"a":1,"a":2}}'],
  ])('is refused with %s [F14], and nothing is written', async (_what, description) => {
    const id = await asRo.register();
    asRo.stores.calls.length = 0;
    expect(refusal(await create(description))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.api('PUT', `/resource/${id}`, description))).toEqual(INVALID_REQUEST);
    expect(writesAmong(asRo.stores.calls)).toEqual([]);
  });

  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'resource_scopes=view'],
    ['text', 'text/plain', '{"resource_scopes":["view"]}'],
    ['another JSON type', 'application/merge-patch+json', '{"resource_scopes":["view"]}'],
  ])('is refused as %s', async (_what, type, body) => {
    const headers = { Authorization: `Bearer ${await asRo.pat()}`, 'Content-Type': type };
    expect(refusal(await asRo.send('/resource', { method: 'POST', headers, body }))).toEqual(INVALID_REQUEST);
  });

  it('may have a charset parameter on its type, and members that nobody knows [G9]', async () => {
    const headers = { Authorization: `Bearer ${await asRo.pat()}`, 'Content-Type': 'application/json; charset=utf-8' };
    const body = '{"resource_scopes":["view"],"owner":"alice@acme.example","future":{"x":[1]}}';
    const answer = await asRo.send('/resource', { method: 'POST', headers, body });
    expect(answer.status).toBe(201);
    expect((await read(String(answer.body['_id']))).body).toEqual({ _id: answer.body['_id'], resource_scopes: ['view'], owner: ALICE });
  });

  it('beyond 64 KiB is refused with 413', async () => {
    expect(refusal(await create({ resource_scopes: [], x: 'x'.repeat(65_536) }))).toEqual(refused(413, 'invalid_request'));
  });

  it('names scopes and icons by URI without making the server fetch them [F16]', async () => {
    let connections = 0;
    const listener = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const uri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/scope`;
    const id = await asRo.register({ resource_scopes: [uri], icon_uri: uri });
    expect((await asRo.api('POST', '/permission', { resource_id: id, resource_scopes: [uri] })).status).toBe(201);
    expect(connections).toBe(0);
    await new Promise((resolve) => listener.close(resolve));
  });
});

describe('A scope that no token can carry (RFC 6749 3.3 scope-token, 256 characters)', () => {
  it.each(['a b', 'a"b', 'a\\b', 'ä', 's'.repeat(257)])('is refused at registration: %#', async (scope) => {
    expect(refusal(await create({ resource_scopes: [scope], owner: ALICE }))).toEqual(INVALID_REQUEST);
  });
});

describe('The owner of a resource (protocol.md C15)', () => {
  it.each(['mallory@globex.example', 'alice@sub.acme.example', 'alice@acme.example.evil.example', 'alice@evilacme.example', 'alice@xn--acme.example'])('is not %s: another domain', async (owner) => {
    expect(refusal(await create({ resource_scopes: ['view'], owner }))).toEqual(INVALID_REQUEST);
  });

  it('is of any domain that this server serves, in canonical spelling', async () => {
    expect((await read(await asRo.register({ owner: 'Alice@ACME.Test' }))).body['owner']).toBe('Alice@acme.test');
  });

  it('is the organisation when nobody is named, and must be named when there is no such default', async () => {
    expect((await read(await asRo.register({ owner: undefined }))).body['owner']).toBe('office@acme.example');
    expect(refusal(await asRo.api('POST', '/resource', { resource_scopes: [] }, await asRo.pat(OTHER_RS)))).toEqual(INVALID_REQUEST);
  });

  it('stays on update, and cannot be another one', async () => {
    const id = await asRo.register();
    expect((await asRo.api('PUT', `/resource/${id}`, { resource_scopes: ['view'], owner: ALICE })).status).toBe(200);
    expect(refusal(await asRo.api('PUT', `/resource/${id}`, { resource_scopes: ['view'], owner: ANNA }))).toEqual(INVALID_REQUEST);
    expect((await read(id)).body['owner']).toBe(ALICE);
  });
});

describe('A2 The uri of a resource', () => {
  it.each([
    'https://rs2.acme.example/api/notes',
    'https://rs.acme.example.evil.example/notes',
    'https://rs.acme.example@evil.example/notes',
    'https://rs.acme.example:8443/notes',
    'http://rs.acme.example/notes',
    'https://files.acme.example/albumsx',
    'https://files.acme.example/albums/../private',
    'https://files.acme.example/albums/%2e%2e/private',
    'notes/1',
    'javascript:alert(1)',
  ])('is not %s: outside the base URIs of its RS', async (uri) => {
    const id = await asRo.register();
    expect(refusal(await create({ resource_scopes: ['view'], owner: ALICE, uri }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.api('PUT', `/resource/${id}`, { resource_scopes: ['view'], uri }))).toEqual(INVALID_REQUEST);
  });

  it('lies below any of its base URIs', async () => {
    for (const uri of ['https://rs.acme.example/notes', 'https://files.acme.example/albums', 'https://files.acme.example/albums/7']) {
      expect((await create({ resource_scopes: ['view'], owner: ALICE, uri })).status).toBe(201);
    }
  });
});

describe('A69 Prototype pollution and mass assignment', () => {
  it('refuses __proto__ anywhere in the body', async () => {
    for (const text of ['{"resource_scopes":["view"],"__proto__":{"owner":"mallory@acme.example"}}', '{"resource_scopes":["view"],"x":{"\\u005f_proto__":{}}}']) {
      expect(refusal(await create(text))).toEqual(INVALID_REQUEST);
    }
    expect(({} as Record<string, unknown>)['owner']).toBeUndefined();
  });

  it('takes nothing that is not in the description: ids, owners of the server’s own model, constructors', async () => {
    const other = await asRo.register({}, OTHER_RS);
    const { status, body } = await create({
      resource_scopes: ['view'],
      owner: ALICE,
      _id: other,
      id: other,
      resourceServer: OTHER_RS.id,
      resource_server: OTHER_RS.id,
      constructor: { prototype: { admin: true } },
      localized: { name: 'x' },
      scopes: ['admin'],
    });
    expect(status).toBe(201);
    expect(body['_id']).not.toBe(other);
    expect((await read(String(body['_id']))).body).toEqual({ _id: body['_id'], resource_scopes: ['view'], owner: ALICE });
    expect((await asRo.api('GET', `/resource/${body['_id']}`, undefined, await asRo.pat(OTHER_RS))).status).toBe(404);
  });
});

describe('Scopes that an update takes away', () => {
  it('are granted no more, though a share names them', async () => {
    const id = await asRo.register({ resource_scopes: ['view', 'edit'] });
    await asRo.share(id, { scopes: ['view', 'edit'] });
    const challenge = await asRo.challenge({ resource_id: id, resource_scopes: ['view', 'edit'] });
    await asRo.api('PUT', `/resource/${id}`, { resource_scopes: ['view'] });
    const { status, body } = await asRo.access(challenge);
    expect(status).toBe(200);
    const introspection = await asRo.post('/introspect', { token: String(body['access_token']) }, { Authorization: `Bearer ${await asRo.pat()}` });
    expect(introspection.body['permissions']).toEqual([{ resource_id: id, resource_scopes: ['view'] }]);
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
