import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { DiscoveryFailure } from '@uma-federation/uma-core';
import { ALICE, ANNA, AsRoUnderTest, BOB, ISSUER, OWNER_CLIENT, OWNER_PROVIDER, secretsInLogs, stopAll } from './harness.ts';
import { INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { RS } from './support/clients.ts';
import { writesAmong } from './support/watch-stores.ts';

let asRo: AsRoUnderTest;
let note: string;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
  note = await asRo.register({ name: 'A note', uri: 'https://rs.acme.example/notes/1', 'name#de': 'Eine Notiz' });
});
beforeEach(() => {
  asRo.stores.calls.length = 0;
});
afterAll(stopAll);

const as = async (method: string, path: string, json?: unknown, email = ALICE) => asRo.api(method, path, json, await asRo.ownerToken(email));
const NOT_FOUND = refused(404, 'not_found');
const INVALID_TOKEN = refused(401, 'invalid_token');
const OPERATIONS = [
  ['GET', '/owner/resources'],
  ['GET', '/owner/resources/res_1'],
  ['GET', '/owner/shares'],
  ['POST', '/owner/shares'],
  ['GET', '/owner/shares/shr_1'],
  ['DELETE', '/owner/shares/shr_1'],
  ['GET', '/owner/requests'],
  ['GET', '/owner/requests/res_1'],
  ['POST', '/owner/requests/res_1/approve'],
  ['POST', '/owner/requests/res_1/deny'],
  ['GET', '/owner/resource-servers'],
  ['DELETE', '/owner/resource-servers/shr_1'],
  ['PUT', '/owner/resource-servers/res_1'],
] as const;

describe('Authentication of owners (Decision D12)', () => {
  it.each(OPERATIONS)('%s %s asks for an ID token, without an error code', async (method, path) => {
    const answer = await asRo.send(path, { method });
    expect(refusal(answer)).toEqual(INVALID_TOKEN);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it.each(['owner-portal', 'owner-cli'])('takes an ID token that was issued to %s', async (aud) => {
    expect((await asRo.api('GET', '/owner/resources', undefined, await asRo.ownerToken(ALICE, { claims: { aud } }))).status).toBe(200);
  });

  it('takes one whose header has no typ, as many providers make them', async () => {
    const token = await asRo.ownerToken(ALICE, { header: { typ: undefined as never } });
    expect((await asRo.api('GET', '/owner/resources', undefined, token)).status).toBe(200);
  });

  const now = 1_800_000_000;
  it.each([
    ['an access token of the provider', { header: { typ: 'at+jwt' } }],
    ['a logout token', { header: { typ: 'logout+jwt' } }],
    ['another audience', { claims: { aud: 'another-client' } }],
    ['our issuer as audience', { claims: { aud: ISSUER } }],
    ['an audience among others', { claims: { aud: [OWNER_CLIENT, 'another-client'] } }],
    ['another authorized party', { claims: { azp: 'another-client' } }],
    ['an address that is not verified', { claims: { email_verified: false } }],
    ['an address of which nobody says that it is verified', { claims: { email_verified: undefined as never } }],
    ['no address', { claims: { email: undefined as never } }],
    ['an address of another domain', { claims: { email: 'alice@globex.example' } }],
    ['an address of a sub-domain', { claims: { email: 'alice@sub.acme.example' } }],
    ['an address with two @', { claims: { email: 'alice@acme.example@evil.example' } }],
    ['another issuer', { claims: { iss: 'https://id.globex.example' } }],
    ['the issuer with a slash', { claims: { iss: `${OWNER_PROVIDER}/` } }],
    ['its time over', { claims: { iat: now - 1000, exp: now - 61 } }],
    ['a time that has not come', { claims: { iat: now + 100, exp: now + 400 } }],
    ['no exp', { claims: { exp: undefined as never } }],
    ['a foreign key', { key: fixedKeys.evil }],
    ['our own key', { key: fixedKeys.acme, header: { kid: fixedKeys.acme.kid } }],
    ['alg none', { header: { alg: 'none' } }],
    ['alg HS256', { header: { alg: 'HS256' } }],
    ['a key of its own', { header: { jwk: { kty: 'EC' } } }],
    ['an unknown key', { header: { kid: 'unknown' } }],
  ])('refuses an ID token with %s', async (_what, changes) => {
    const answer = await asRo.api('GET', '/owner/resources', undefined, await asRo.ownerToken(ALICE, changes));
    expect(refusal(answer)).toEqual(INVALID_TOKEN);
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  });

  it('refuses an unsigned token', async () => {
    const [, payload] = (await asRo.ownerToken()).split('.');
    for (const token of [`${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`, `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}`]) {
      expect(refusal(await asRo.api('GET', '/owner/resources', undefined, token))).toEqual(INVALID_TOKEN);
    }
  });

  it('refuses the DPoP scheme, Basic, two headers, and a token in the query [A88]', async () => {
    const token = await asRo.ownerToken();
    const list = (headers: Record<string, string | string[]>, query = '') => asRo.send(`/owner/resources${query}`, { headers });
    expect(refusal(await list({ Authorization: `DPoP ${token}` }))).toEqual(INVALID_TOKEN);
    expect(refusal(await list({ Authorization: `Basic ${Buffer.from(`${RS.id}:${RS.secret}`).toString('base64')}` }))).toEqual(INVALID_TOKEN);
    expect(refusal(await list({ Authorization: [`Bearer ${token}`, `Bearer ${token}`] }))).toEqual(INVALID_REQUEST);
    expect(refusal(await list({ Authorization: `Bearer ${token}` }, `?access_token=${token}`))).toEqual(INVALID_REQUEST);
    expect(refusal(await list({}, `?access_token=${token}`))).toEqual(INVALID_REQUEST);
  });

  it('answers 503 with Retry-After when the provider’s keys cannot be had', async () => {
    const down = await AsRoUnderTest.start({
      overrides: {
        ownerProvider: {
          issuer: OWNER_PROVIDER,
          endpoint: async () => '',
          keys: {
            find: async () => {
              throw new DiscoveryFailure('peer_timeout');
            },
          },
        },
      },
    });
    const answer = await down.api('GET', '/owner/resources', undefined, await down.ownerToken());
    expect(refusal(answer)).toEqual(refused(503, 'temporarily_unavailable'));
    expect(answer.headers['retry-after']).toBe('5');
  });
});

describe('An owner', () => {
  it('lists their own resources, oldest first, with the RS that registered each', async () => {
    const second = await asRo.register();
    await asRo.register({ owner: ANNA });
    const { status, body, headers } = await as('GET', '/owner/resources');
    expect({ status, cache: headers['cache-control'] }).toEqual({ status: 200, cache: 'no-store' });
    expect((body['resources'] as { _id: string }[]).map(({ _id }) => _id)).toEqual([note, second]);
    expect(body['resources'][0]).toEqual({
      _id: note,
      resource_scopes: ['view', 'edit', 'print', 'download'],
      name: 'A note',
      'name#de': 'Eine Notiz',
      uri: 'https://rs.acme.example/notes/1',
      owner: ALICE,
      resource_server: RS.id,
    });
  });

  it('creates, reads, lists and removes a share', async () => {
    const id = await asRo.register();
    const document = {
      resource_id: id,
      scopes: ['view', 'print'],
      grantee: { email: 'Bob@GLOBEX.example' },
      not_before: '2027-01-15T09:00:00+01:00',
      expires_at: 1_800_003_600,
      conditions: { acr_values: ['otp'], claims: { department: 'sales' } },
    };
    const created = await as('POST', '/owner/shares', document);
    const shown = {
      id: expect.stringMatching(/^shr_[A-Za-z0-9_-]{22}$/),
      resource_id: id,
      scopes: ['view', 'print'],
      grantee: { email: 'Bob@globex.example' },
      not_before: '2027-01-15T08:00:00.000Z',
      expires_at: '2027-01-15T09:00:00.000Z',
      conditions: { acr_values: ['otp'], claims: { department: 'sales' } },
      created_at: '2027-01-15T08:00:00.000Z',
    };
    expect({ status: created.status, body: created.body, cache: created.headers['cache-control'] }).toEqual({ status: 201, body: shown, cache: 'no-store' });
    const path = new URL(String(created.headers['location'])).pathname;
    expect(created.headers['location']).toBe(`${ISSUER}/owner/shares/${created.body['id']}`);
    expect((await as('GET', path)).body).toEqual(created.body);
    expect((await as('GET', '/owner/shares')).body['shares']).toContainEqual(created.body);
    expect((await as('GET', `/owner/resources/${id}`)).body['shares']).toEqual([created.body]);

    const removed = await as('DELETE', path);
    expect({ status: removed.status, text: removed.text }).toEqual({ status: 204, text: '' });
    for (const method of ['GET', 'DELETE']) expect(refusal(await as(method, path))).toEqual(NOT_FOUND);
    expect((await as('GET', `/owner/resources/${id}`)).body['shares']).toEqual([]);
  });

  it.each([[{ domain: 'Globex.Example' }, { domain: 'globex.example' }], [{ anyone: true }, { anyone: true }]])('shares with %j', async (grantee, shown) => {
    const { status, body } = await as('POST', '/owner/shares', { resource_id: note, scopes: ['view'], grantee });
    expect({ status, grantee: body['grantee'] }).toEqual({ status: 201, grantee: shown });
  });

  it('finds the audit entries of both acts on the record', async () => {
    const share = await asRo.share(note);
    await as('DELETE', `/owner/shares/${share}`);
    expect(asRo.memory.audit.slice(-2).map(({ event, data }) => ({ event, share: data['share'] }))).toEqual([
      { event: 'share_created', share },
      { event: 'share_removed', share },
    ]);
  });
});

describe('A26 Shares with somebody else’s resource in the body [F32]', () => {
  it('answers 404 to a foreign resource as to an unknown one, and nothing is written', async () => {
    const annas = await asRo.register({ owner: ANNA });
    const before = asRo.memory.audit.length;
    const answers = [];
    for (const resource_id of [annas, 'res_unknown', '*', '__proto__']) answers.push(await as('POST', '/owner/shares', { resource_id, scopes: ['view'], grantee: { email: BOB } }));
    for (const answer of answers) expect(refusal(answer)).toEqual(NOT_FOUND);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(asRo.memory.audit.length).toBe(before);
    expect((await as('GET', `/owner/resources/${annas}`, undefined, ANNA)).body['shares']).toEqual([]);
  });

  it('answers 404 to a scope that the resource does not have, alone or among others', async () => {
    for (const scopes of [['admin'], ['view', 'admin'], ['VIEW']]) {
      expect(refusal(await as('POST', '/owner/shares', { resource_id: note, scopes, grantee: { email: BOB } }))).toEqual(NOT_FOUND);
    }
  });

  it('shows and removes nothing of another owner', async () => {
    const annas = await asRo.register({ owner: ANNA });
    const share = await asRo.share(annas, {}, ANNA);
    expect(refusal(await as('GET', `/owner/resources/${annas}`))).toEqual(NOT_FOUND);
    for (const method of ['GET', 'DELETE']) expect(refusal(await as(method, `/owner/shares/${share}`))).toEqual(NOT_FOUND);
    expect((await as('GET', '/owner/shares')).text).not.toContain(share);
    expect((await as('GET', `/owner/shares/${share}`, undefined, ANNA)).status).toBe(200);
  });

  it('takes neither id nor owner from the body', async () => {
    const document = { resource_id: note, scopes: ['view'], grantee: { email: BOB } };
    for (const extra of [{ owner: ANNA }, { id: 'shr_mine' }, { created_at: 0 }]) {
      expect(refusal(await as('POST', '/owner/shares', { ...document, ...extra }))).toEqual(INVALID_REQUEST);
    }
  });
});

describe('A malformed share', () => {
  const good = { resource_id: 'res_1', scopes: ['view'], grantee: { email: BOB } };
  it.each([
    ['no resource', { ...good, resource_id: undefined }],
    ['no scopes', { ...good, scopes: undefined }],
    ['an empty list of scopes', { ...good, scopes: [] }],
    ['scopes as a string', { ...good, scopes: 'view' }],
    ['no grantee', { ...good, grantee: undefined }],
    ['an empty grantee', { ...good, grantee: {} }],
    ['two grantees in one', { ...good, grantee: { email: BOB, domain: 'globex.example' } }],
    ['anyone: false', { ...good, grantee: { anyone: false } }],
    ['an address that is none', { ...good, grantee: { email: 'bob' } }],
    ['an address with two @', { ...good, grantee: { email: 'bob@globex.example@evil.example' } }],
    ['a mixed-script domain', { ...good, grantee: { domain: 'gl\u043ebex.example' } }],
    ['a top-level domain', { ...good, grantee: { domain: 'example' } }],
    ['a wildcard domain', { ...good, grantee: { domain: '*.globex.example' } }],
    ['a time that is none', { ...good, expires_at: 'tomorrow' }],
    ['a time without a zone', { ...good, expires_at: '2030-01-01T00:00:00' }],
    ['a fraction of a second', { ...good, expires_at: 1_900_000_000.5 }],
    ['a negative time', { ...good, not_before: -1 }],
    ['an end in the past', { ...good, expires_at: 1_799_999_999 }],
    ['an end at this very second', { ...good, expires_at: 1_800_000_000 }],
    ['an end before its beginning', { ...good, not_before: 1_900_000_000, expires_at: 1_850_000_000 }],
    ['a condition that nobody knows', { ...good, conditions: { ip: '10.0.0.0/8' } }],
    ['an empty list of acr values', { ...good, conditions: { acr_values: [] } }],
    ['a member that nobody knows', { ...good, until: 1_900_000_000 }],
    ['__proto__', `{"resource_id":"res_1","scopes":["view"],"grantee":{"anyone":true},"__proto__":{}}`],
    ['a member twice', `{"resource_id":"res_1","scopes":["view"],"grantee":{"anyone":true},"grantee":{"email":"bob@globex.example"}}`],
    ['an array', [good]],
    ['no JSON', 'resource_id=res_1'],
  ])('with %s is refused with 400, and nothing is asked of the stores', async (_what, document) => {
    expect(refusal(await as('POST', '/owner/shares', document))).toEqual(INVALID_REQUEST);
    expect(asRo.stores.calls).toEqual([]);
  });

  it('as a form or text is refused with 400', async () => {
    const Authorization = `Bearer ${await asRo.ownerToken()}`;
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'text/json']) {
      expect(refusal(await asRo.send('/owner/shares', { method: 'POST', headers: { Authorization, 'Content-Type': type }, body: JSON.stringify(good) }))).toEqual(INVALID_REQUEST);
    }
  });

  it('never is a write when the owner is not authenticated', async () => {
    const headers = { 'Content-Type': 'application/json' };
    await asRo.send('/owner/shares', { method: 'POST', headers, body: JSON.stringify({ ...good, resource_id: note }) });
    expect(writesAmong(asRo.stores.calls)).toEqual([]);
  });
});

describe('The OpenAPI document', () => {
  it('is public, names this server, and every operation in it is there and no other', async () => {
    const { status, body } = await asRo.send('/owner/openapi.json');
    expect({ status, version: body['openapi'], servers: body['servers'] }).toEqual({ status: 200, version: '3.1.0', servers: [{ url: `${ISSUER}/owner` }] });
    const described = Object.entries(body['paths'] as Record<string, Record<string, unknown>>).flatMap(([path, operations]) =>
      Object.keys(operations).filter((method) => method !== 'parameters').map((method) => [method.toUpperCase(), `/owner${path.replace('{id}', method === 'delete' || path.includes('share') ? 'shr_1' : 'res_1')}`]),
    );
    expect(described.sort()).toEqual(OPERATIONS.map((operation) => [...operation]).sort());
    for (const [method = '', path = ''] of described) expect({ method, path, status: (await asRo.send(path, { method })).status }).toEqual({ method, path, status: 401 });
  });

  it('describes the statuses that are answered, and schemas that exist', async () => {
    const { body, text } = await asRo.send('/owner/openapi.json');
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
    expect(references.length).toBeGreaterThan(0);
    expect(Object.keys(body['components']['schemas'] as object)).toEqual(expect.arrayContaining([...new Set(references)]));
    const post = body['paths']['/shares']['post'] as { responses: object };
    expect(Object.keys(post.responses)).toEqual(expect.arrayContaining(['201', '400', '401', '404', '503']));
  });

  it('requires of a share what the server requires, and knows every member that the server shows', async () => {
    const { schemas } = (await asRo.send('/owner/openapi.json')).body['components'] as { schemas: Record<string, { required: string[]; properties: object }> };
    const created = await as('POST', '/owner/shares', { resource_id: note, scopes: ['view'], grantee: { email: BOB }, not_before: 1, expires_at: 1_900_000_000, conditions: {} });
    expect(schemas['NewShare']?.required).toEqual(['resource_id', 'scopes', 'grantee']);
    expect(Object.keys(schemas['Share']?.properties ?? {})).toEqual(expect.arrayContaining(Object.keys(created.body)));
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
