import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Uma1Version } from '@uma-federation/uma-core';
import { ALICE, BOB, secretsInLogs, stopAll } from './harness.ts';
import { refusal, refused } from './support/answers.ts';
import { OLD_RS, OTHER_OLD_RS, RS, type TestClient } from './support/clients.ts';
import { failure, mediaTypeOf, Uma1UnderTest, VERSIONS } from './support/uma-1.ts';
import type { Answer } from './support/send-request.ts';

const DRAFTS = ['draft-05', 'draft-07'] as const;
const servers = new Map<Uma1Version, Uma1UnderTest>();
beforeAll(async () => {
  for (const version of VERSIONS) servers.set(version, await Uma1UnderTest.start(version));
});
afterAll(stopAll);

let count = 0;
/** A name that no test has used. */
const freshName = (): string => `albums/é ${(count += 1)}`;
const ALBUM = { name: 'Photo Album', icon_uri: 'http://www.example.com/icons/flower.png', scopes: ['http://photoz.example.com/dev/scopes/view', 'http://photoz.example.com/dev/scopes/all'] };

interface Call {
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly server?: TestClient;
  readonly type?: string;
}

async function call(version: Uma1Version, method: string, name: string | undefined, { body, ifMatch, server = OLD_RS, type = 'application/json' }: Call = {}): Promise<Answer> {
  const { asRo } = started(version);
  return asRo.send(`/uma-1/resource_set${name === undefined ? '' : `/${encodeURIComponent(name)}`}`, {
    method,
    headers: {
      Authorization: `Bearer ${await asRo.pat(server)}`,
      ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
      ...(body === undefined ? {} : { 'Content-Type': type }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

function started(version: Uma1Version): Uma1UnderTest {
  const server = servers.get(version);
  if (server === undefined) throw new Error('not started');
  return server;
}

describe.each(DRAFTS)('Resource sets of the drafts (%s)', (version) => {
  it('are created by PUT under the name that the host has chosen, with an entity tag', async () => {
    const name = freshName();
    const answer = await call(version, 'PUT', name, { body: ALBUM });
    const revision = String(answer.body['_rev']);
    expect({ status: answer.status, etag: answer.headers['etag'], mediaType: mediaTypeOf(answer), body: answer.body }).toEqual({
      status: 201,
      etag: `"${revision}"`,
      mediaType: version === 'draft-05' ? 'application/uma-status+json' : 'application/json',
      body: { status: 'created', _id: name, _rev: revision, policy_uri: expect.stringMatching(/^https:\/\/as\.acme\.example\/owner\/resources\/res_uma1\./) },
    });
    const read = await call(version, 'GET', name);
    expect({ status: read.status, etag: read.headers['etag'], mediaType: mediaTypeOf(read), body: read.body }).toEqual({
      status: 200,
      etag: `"${revision}"`,
      mediaType: version === 'draft-05' ? 'application/uma-resource-set+json' : 'application/json',
      body: { ...ALBUM, _id: name, _rev: revision, owner: 'office@acme.example', policy_uri: answer.body['policy_uri'] },
    });
    expect((await call(version, 'GET', undefined)).body).toContain(name);
  });

  it('are replaced when the entity tag is that of the description, and not otherwise', async () => {
    const name = freshName();
    const revision = String((await call(version, 'PUT', name, { body: ALBUM })).body['_rev']);
    const changed = { name: 'Album', scopes: ['view'] };
    for (const ifMatch of ['"other"', 'W/"x"', `W/"${revision}"`, '']) {
      expect(failure(await call(version, 'PUT', name, { body: changed, ifMatch }))).toEqual({ http: 412, status: 'error', error: 'precondition_failed' });
    }
    const replaced = await call(version, 'PUT', name, { body: changed, ifMatch: `"${revision}"` });
    expect({ status: replaced.status, text: replaced.text }).toEqual({ status: 204, text: '' });
    const read = await call(version, 'GET', name);
    expect(read.body).toMatchObject({ _id: name, ...changed });
    expect(read.headers['etag']).toBe(replaced.headers['etag']);
    expect(read.headers['etag']).not.toBe(`"${revision}"`);
    expect((await call(version, 'PUT', name, { body: ALBUM, ifMatch: `"${revision}"` })).status).toBe(412);
    expect((await call(version, 'PUT', name, { body: ALBUM, ifMatch: '"stale", *' })).status).toBe(204);
  });

  it('are created once, and not under an id of this server or an endless name', async () => {
    const name = freshName();
    expect((await call(version, 'PUT', name, { body: ALBUM })).status).toBe(201);
    for (const taken of [name, 'res_1', 'x'.repeat(121)]) {
      expect(failure(await call(version, 'PUT', taken, { body: ALBUM }))).toEqual({ http: 400, status: 'error', error: 'invalid_request' });
    }
    expect((await call(version, 'GET', name)).body).toMatchObject(ALBUM);
  });

  it('are deleted when the entity tag fits, and are gone then', async () => {
    const name = freshName();
    const revision = String((await call(version, 'PUT', name, { body: ALBUM })).body['_rev']);
    expect((await call(version, 'DELETE', name, { ifMatch: '"other"' })).status).toBe(412);
    expect((await call(version, 'DELETE', name, { ifMatch: `"${revision}"` })).status).toBe(204);
    for (const answer of [await call(version, 'GET', name), await call(version, 'DELETE', name), await call(version, 'PUT', name, { body: ALBUM, ifMatch: '*' })]) {
      expect(failure(answer)).toEqual({ http: 404, status: 'error', error: 'not_found' });
    }
  });

  it('A29 of two hosts may have the same name and are not the same', async () => {
    const name = freshName();
    const owned = { ...ALBUM, owner: ALICE };
    await call(version, 'PUT', name, { body: owned });
    expect((await call(version, 'GET', name, { server: OTHER_OLD_RS })).status).toBe(404);
    expect((await call(version, 'PUT', name, { body: { ...owned, name: 'Another' }, server: OTHER_OLD_RS })).status).toBe(201);
    expect((await call(version, 'DELETE', name, { server: OTHER_OLD_RS })).status).toBe(204);
    expect((await call(version, 'GET', name)).body).toMatchObject({ name: 'Photo Album' });
  });

  it('have that name in permission registration and token status, from end to end', async () => {
    const uma = started(version);
    const name = freshName();
    const { body } = await call(version, 'PUT', name, { body: { name: 'Note', scopes: ['view', 'edit'], owner: ALICE } });
    const id = String(body['policy_uri']).split('/').at(-1) ?? '';
    await uma.asRo.share(id, { grantee: { email: BOB } });
    const aat = await uma.aat();
    const rpt = await uma.rpt(aat);
    expect((await uma.authorize(aat, { rpt, ticket: await uma.ticket(name) })).status).toBe(200);
    const status = (await uma.status(rpt)).body;
    expect(version === 'draft-05' ? status : status['permissions']).toMatchObject([{ resource_set_id: name, scopes: ['view'] }]);
    expect(await uma.permissions(rpt)).toEqual([[id, 'view']]);
  });

  it('need a name and scopes', async () => {
    for (const body of [{ scopes: ['view'] }, { name: 'x' }, { name: '', scopes: [] }, { name: 'x', resource_scopes: ['view'] }, { name: 'x', scopes: 'view' }, { name: 'x', scopes: ['a b'] }, []]) {
      expect(failure(await call(version, 'PUT', freshName(), { body }))).toEqual({ http: 400, status: 'error', error: 'invalid_request' });
    }
  });

  it('come with the media types of the version', async () => {
    const put = async (type: string) => (await call(version, 'PUT', freshName(), { body: ALBUM, type })).status;
    expect(await put('application/uma-resource-set+json')).toBe(version === 'draft-05' ? 201 : 400);
    expect(await put('application/uma-requested-permission+json')).toBe(400);
    expect(await put('text/plain')).toBe(400);
  });
});

describe('Resource sets of 1.0.1', () => {
  it('are created by POST, read, replaced, listed and deleted', async () => {
    const created = await call('1.0.1', 'POST', undefined, { body: ALBUM });
    const id = String(created.body['_id']);
    const policy = { user_access_policy_uri: `https://as.acme.example/owner/resources/${id}` };
    expect({ status: created.status, location: created.headers['location'], body: created.body }).toEqual({ status: 201, location: `/uma-1/resource_set/${id}`, body: { _id: id, ...policy } });
    expect((await call('1.0.1', 'GET', id)).body).toEqual({ ...ALBUM, _id: id, owner: 'office@acme.example', ...policy });
    const replaced = await call('1.0.1', 'PUT', id, { body: { name: 'Album', scopes: ['view'] } });
    expect({ status: replaced.status, body: replaced.body }).toEqual({ status: 200, body: { _id: id, ...policy } });
    expect((await call('1.0.1', 'GET', undefined)).body).toContain(id);
    expect((await call('1.0.1', 'DELETE', id)).status).toBe(204);
    expect(failure(await call('1.0.1', 'GET', id))).toEqual({ http: 404, status: undefined, error: 'not_found' });
  });

  it('cannot be created by PUT', async () => {
    expect((await call('1.0.1', 'PUT', 'res_none', { body: ALBUM })).status).toBe(404);
  });
});

describe.each(VERSIONS)('The registration endpoint (%s)', (version) => {
  it('needs the PAT of a resource server that is marked', async () => {
    const { asRo } = started(version);
    expect(refusal(await call(version, 'GET', undefined, { server: RS }))).toEqual(refused(403, 'insufficient_scope'));
    expect(refusal(await asRo.send('/uma-1/resource_set'))).toEqual(refused(401, 'invalid_token'));
    expect(refusal(await asRo.send(`/uma-1/resource_set${version === '1.0.1' ? '' : '/x'}`, { method: version === '1.0.1' ? 'POST' : 'PUT' }))).toEqual(refused(401, 'invalid_token'));
  });

  it('answers other methods with 405', async () => {
    const { asRo } = started(version);
    expect(refusal(await asRo.send('/uma-1/resource_set', { method: 'PATCH' }))).toEqual(refused(405, 'unsupported_method_type'));
    expect(refusal(await asRo.send('/uma-1/resource_set/x', { method: 'POST' }))).toEqual(refused(405, 'unsupported_method_type'));
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
