import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedKeys, publicJwk } from '@uma-federation/testing';
import type { DomainEvent } from '@uma-federation/messaging';
import { GRANT_TYPES, temporarilyUnavailable } from '@uma-federation/uma-core';
import { AsRoUnderTest, clientKey, ISSUER, secretsInLogs, stopAll } from './harness.ts';
import { refusal, refused } from './support/answers.ts';
import { assertion } from './support/client-site.ts';
import { OTHER_RS, RS, type TestClient } from './support/clients.ts';
import type { Answer } from './support/send-request.ts';

const RESOURCE = 'https://rs.acme.example';
const INITIAL = 'initial-access-token-of-256-random-bits';
const INVALID_METADATA = refused(400, 'invalid_client_metadata');
const UNAUTHORIZED = refused(401, 'invalid_token');
const INVALID_CLIENT = refused(401, 'invalid_client');

let open: AsRoUnderTest;
const events: DomainEvent[] = [];
const publisher = { publish: async (event: DomainEvent) => events.push(event) > 0, close: async () => undefined };
const start = (registration: Record<string, unknown>, settings: Record<string, unknown> = {}) =>
  AsRoUnderTest.start({ settings: { registration: { perSource: 1000, ...registration }, ...settings }, overrides: { events: publisher } });
beforeAll(async () => {
  open = await start({ mode: 'open' });
});
afterAll(stopAll);

const register = (server: AsRoUnderTest, metadata: unknown = {}, headers: Record<string, string> = {}) =>
  server.send('/register', { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata) });

/** A request of a registered client about itself. */
function manage(server: AsRoUnderTest, method: string, { body }: Answer, json?: object, changes: { token?: string; clientId?: string } = {}): Promise<Answer> {
  const target = new URL(String(body['registration_client_uri'])).pathname;
  return server.api(method, changes.clientId === undefined ? target : `/register/${changes.clientId}`, json, changes.token ?? String(body['registration_access_token']));
}

/** The members that the client may send back. */
function own({ body }: Answer): Record<string, unknown> {
  const { registration_access_token: _token, registration_client_uri: _uri, client_secret_expires_at: _expiry, client_id_issued_at: _issued, ...rest } = body;
  return rest;
}

const asClient = ({ body }: Answer): TestClient => ({ id: String(body['client_id']), secret: body['client_secret'] as string | undefined, configuration: {} });

/** Whether the client can authenticate itself so: a ticket that is none is the next thing that is looked at. */
async function outcome(server: AsRoUnderTest, client: TestClient, method: 'basic' | 'post' | 'none', form: Record<string, string> = {}) {
  const answer = await server.tokenRequest({ grant_type: GRANT_TYPES.umaTicket, ticket: 'none', resource: RESOURCE, ...form }, { client, method });
  return answer.body['error'] === 'invalid_grant' ? 'known' : refusal(answer);
}

describe('Registration of clients (RFC 7591)', () => {
  it('is closed unless the configuration opens it: no endpoint, and none in the metadata', async () => {
    const closed = await AsRoUnderTest.start();
    expect(refusal(await register(closed))).toEqual(refused(404, 'not_found'));
    expect(refusal(await closed.api('GET', '/register/dcr_x', undefined, 'x'))).toEqual(refused(404, 'not_found'));
    expect((await closed.send('/.well-known/uma2-configuration')).body).not.toHaveProperty('registration_endpoint');
    expect((await open.send('/.well-known/uma2-configuration')).body['registration_endpoint']).toBe(`${ISSUER}/register`);
  });

  it('takes a grant type from the clients that are there, too, when the configuration gives it to none any more', async () => {
    const answer = await register(open, { grant_types: [GRANT_TYPES.umaTicket, GRANT_TYPES.refreshToken] });
    const settings = { registration: { mode: 'open', grantTypes: [GRANT_TYPES.umaTicket] }, refreshTokens: { enabled: true } };
    const narrower = await AsRoUnderTest.start({ settings, overrides: { stores: open.stores, clock: open.clock, events: publisher } });
    const refreshed = await narrower.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: 'urr_x' }, { client: asClient(answer) });
    expect(refusal(refreshed)).toEqual(refused(400, 'unauthorized_client'));
    expect(await outcome(narrower, asClient(answer), 'basic')).toBe('known');
  });

  it('gives a client an id, a secret, and the means to look after its registration; and says what is registered', async () => {
    const answer = await register(open, { client_name: 'Notes', 'client_name#de': 'Notizen', claims_redirect_uris: ['https://app.example/cb?x=%7E'], contacts: ['ops'], favourite_colour: 'blue' });
    expect([answer.status, answer.headers['cache-control'], answer.headers['pragma']]).toEqual([201, 'no-store', 'no-cache']);
    expect(answer.body).toEqual({
      client_id: expect.stringMatching(/^dcr_[A-Za-z0-9_-]{22}$/),
      client_id_issued_at: open.clock.now(),
      client_secret: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      client_secret_expires_at: 0,
      registration_access_token: expect.stringMatching(/^rat_[A-Za-z0-9_-]{43}$/),
      registration_client_uri: `${ISSUER}/register/${String(answer.body['client_id'])}`,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: [GRANT_TYPES.umaTicket],
      response_types: [],
      redirect_uris: [],
      claims_redirect_uris: ['https://app.example/cb?x=%7E'],
      client_name: 'Notes',
      'client_name#de': 'Notizen',
      contacts: ['ops'],
      dpop_bound_access_tokens: false,
    });
  });

  it('accepts claims_redirect_uris [G3], keeps their query [G15] and takes no plain redirect URI for one [G17]', async () => {
    const { body } = await register(open, { redirect_uris: ['https://app.example/plain'], claims_redirect_uris: ['https://app.example/claims?a=b&c=%2F'] });
    expect(body['claims_redirect_uris']).toEqual(['https://app.example/claims?a=b&c=%2F']);
    expect((await register(open, { redirect_uris: ['https://app.example/plain'] })).body['claims_redirect_uris']).toEqual([]);
  });

  it('keeps hashes of the secrets only', async () => {
    const { body } = await register(open);
    const stored = JSON.stringify(await open.memory.clients.find(String(body['client_id'])));
    for (const member of ['client_secret', 'registration_access_token']) expect(stored).not.toContain(String(body[member]).replace('rat_', ''));
  });

  it.each<[string, object, 'basic' | 'post']>([
    ['client_secret_basic, which is the default', {}, 'basic'],
    ['client_secret_post', { token_endpoint_auth_method: 'client_secret_post' }, 'post'],
  ])('lets a client authenticate itself by %s and by nothing else [A70]', async (_what, metadata, method) => {
    const client = asClient(await register(open, metadata));
    const outcomes = [await outcome(open, client, 'basic'), await outcome(open, client, 'post'), await outcome(open, client, 'none')];
    expect(outcomes).toEqual(method === 'basic' ? ['known', INVALID_CLIENT, INVALID_CLIENT] : [INVALID_CLIENT, 'known', INVALID_CLIENT]);
    expect(await outcome(open, { ...client, secret: `${client.secret}x` }, method)).toEqual(INVALID_CLIENT);
  });

  it('takes public clients, clients with keys and clients that publish theirs', async () => {
    const open_ = asClient(await register(open, { token_endpoint_auth_method: 'none', claims_redirect_uris: ['com.example.app:/cb'] }));
    const keys = await register(open, { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk(fixedKeys.evil)] } });
    const published = await register(open, { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://app.example/jwks' });
    expect([open_.secret, keys.body['client_secret'], published.status]).toEqual([undefined, undefined, 201]);
    expect(keys.body).not.toHaveProperty('client_secret_expires_at');
    expect(await outcome(open, open_, 'none')).toBe('known');
    expect(await outcome(open, asClient(keys), 'none', assertion(String(keys.body['client_id']), ISSUER, open.clock.now()))).toBe('known');
    expect(await outcome(open, asClient(keys), 'none')).toEqual(INVALID_CLIENT);
  });

  it('takes clients with certificates where a front passes them on, and only there', async () => {
    const metadata = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'app.example' };
    expect(refusal(await register(open, metadata))).toEqual(INVALID_METADATA);
    const fronted = await start({ mode: 'open' }, { clientCertificates: true, server: { host: '127.0.0.1', port: 0, trustedProxies: ['127.0.0.1'] } });
    expect((await fronted.send('/.well-known/uma2-configuration')).body['token_endpoint_auth_methods_supported']).toContain('tls_client_auth');
    const answer = await register(fronted, metadata);
    expect([answer.status, answer.body['tls_client_auth_san_dns']]).toEqual([201, 'app.example']);
    expect(await outcome(fronted, asClient(answer), 'none')).toEqual(INVALID_CLIENT);
  });

  it('leads to an RPT like any other client, held by its key (D3)', async () => {
    const client = asClient(await register(open, { dpop_bound_access_tokens: true }));
    const key = await clientKey();
    const note = await open.sharedNote();
    const claimToken = await open.identityToken(note, { confirmationThumbprint: key.thumbprint });
    const unbound = await open.redeem({ ticket: note.ticket, claim_token: claimToken, resource: RESOURCE }, { client });
    expect([unbound.status, unbound.body['error']]).toEqual([400, 'invalid_dpop_proof']);
    expect((await open.redeem({ ticket: note.ticket, claim_token: claimToken, resource: RESOURCE }, { client, dpop: key })).status).toBe(200);
  });

  it.each<[string, object]>([
    ['a token of its own', { grant_types: ['client_credentials'] }],
    ['only grants that nobody has here', { grant_types: ['authorization_code', 'password'] }],
    ['no grant at all', { grant_types: [] }],
    ['the protection API', { scope: 'view uma_protection' }],
    ['a MAC for authentication', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['assertions without keys', { token_endpoint_auth_method: 'private_key_jwt' }],
    ['keys that fit no algorithm', { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk(fixedKeys.rsa1024)] } }],
    ['no keys', { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [] } }],
    ['keys inside our network (A36)', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://169.254.169.254/jwks' }],
    ['keys over plain http', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'http://app.example/jwks' }],
  ])('registers nobody for %s', async (_what, metadata) => {
    expect(refusal(await register(open, metadata))).toEqual(INVALID_METADATA);
  });

  it('leaves out grant types that nobody registers for, and says so', async () => {
    const answer = await register(open, { grant_types: ['client_credentials', 'authorization_code', GRANT_TYPES.umaTicket, GRANT_TYPES.refreshToken], response_types: ['code'] });
    expect([answer.body['grant_types'], answer.body['response_types']]).toEqual([[GRANT_TYPES.umaTicket, GRANT_TYPES.refreshToken], []]);
    const attempt = await open.tokenRequest({ grant_type: 'client_credentials', scope: 'uma_protection' }, { client: asClient(answer) });
    expect(refusal(attempt)).toEqual(refused(400, 'unauthorized_client'));
  });

  it.each<[string, object, string]>([
    ['a claims redirect URI that is not absolute [G13]', { claims_redirect_uris: ['/cb'] }, 'invalid_redirect_uri'],
    ['a claims redirect URI with a fragment [G14]', { claims_redirect_uris: ['https://app.example/cb#x'] }, 'invalid_redirect_uri'],
    ['a script for a redirect URI', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    ['a software statement', { software_statement: 'eyJhbGciOiJub25lIn0.e30.' }, 'unapproved_software_statement'],
  ])('refuses %s', async (_what, metadata, error) => {
    expect(refusal(await register(open, metadata))).toEqual(refused(400, error));
  });

  it('A69 gives nobody what the names of prototypes or of our own settings seem to ask for', async () => {
    for (const text of ['{"__proto__":{"grant_types":["client_credentials"]}}', '{"client_name":"a","client_name":"b"}', 'null', '[]', '"x"', '{', '']) {
      expect([text, (await register(open, text)).status]).toEqual([text, 400]);
    }
    const sly = { constructor: { prototype: { scopes: ['uma_protection'] } }, resourceServer: { identifier: RESOURCE, baseUris: [RESOURCE] }, dialects: ['uma-1'], clientId: RS.id, client_id: RS.id, client_secret: 'mine', secretHash: 'x', requireResource: false };
    const answer = await register(open, sly);
    expect([answer.status, Object.keys(answer.body).filter((member) => /proto|constructor|resourceServer|dialects|secretHash/.test(member))]).toEqual([201, []]);
    expect(answer.body['client_id']).not.toBe(RS.id);
    expect(answer.body['client_secret']).not.toBe('mine');
    expect(refusal(await open.redeem({ ticket: (await open.sharedNote()).ticket }, { client: asClient(answer) }))).toEqual(refused(400, 'invalid_target'));
  });

  it('reads JSON and nothing else', async () => {
    const answer = await open.post('/register', { client_name: 'x' });
    expect(refusal(answer)).toEqual(refused(400, 'invalid_request'));
  });

  it('lets one source register so many clients a minute: 429', async () => {
    const limited = await start({ mode: 'open', perSource: 2 });
    expect([(await register(limited)).status, (await register(limited)).status]).toEqual([201, 201]);
    const answer = await register(limited);
    expect([refusal(answer), Number(answer.headers['retry-after']) > 0]).toEqual([refused(429, 'temporarily_unavailable'), true]);
  });

  it('registers no more clients than may be: 503', async () => {
    const small = await start({ mode: 'open', maxClients: 1 });
    expect((await register(small)).status).toBe(201);
    expect(refusal(await register(small))).toEqual(refused(503, 'temporarily_unavailable'));
  });
});

describe('Registration with an initial access token', () => {
  it('is for its holders', async () => {
    const server = await start({ mode: 'token', initialAccessTokens: [`another-${INITIAL}`, INITIAL] });
    expect((await register(server, {}, { Authorization: `Bearer ${INITIAL}` })).status).toBe(201);
    expect((await register(server, {}, { Authorization: `Bearer ${INITIAL}` })).status).toBe(201);
    const refusals = [{}, { Authorization: `Bearer ${INITIAL}x` }, { Authorization: `DPoP ${INITIAL}` }, { Authorization: `Basic ${INITIAL}` }, { Authorization: `Bearer ${await server.pat()}` }];
    for (const headers of refusals as Record<string, string>[]) {
      const answer = await register(server, {}, headers);
      expect(refusal(answer)).toEqual(UNAUTHORIZED);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    }
    expect(refusal(await server.send(`/register?access_token=${INITIAL}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }))).toEqual(refused(400, 'invalid_request'));
  });

  it.each<[string, object]>([
    ['mode token without tokens', { mode: 'token' }],
    ['mode open with tokens', { mode: 'open', initialAccessTokens: [INITIAL] }],
    ['tokens in closed mode', { initialAccessTokens: [INITIAL] }],
    ['a token that can be guessed', { mode: 'token', initialAccessTokens: ['short'] }],
    ['tokens of their own for strangers', { mode: 'open', grantTypes: ['client_credentials'] }],
  ])('is not configured with %s', async (_what, registration) => {
    await expect(start(registration as Record<string, unknown>)).rejects.toThrow();
  });
});

describe('A client looks after its registration (RFC 7592)', () => {
  it('reads what is registered, but its secret, which is not kept', async () => {
    const registered = await register(open, { client_name: 'Notes' });
    const answer = await manage(open, 'GET', registered);
    const { client_secret: _secret, ...rest } = registered.body;
    expect([answer.status, answer.headers['cache-control'], answer.body]).toEqual([200, 'no-store', rest]);
  });

  it('replaces everything: members that are left out disappear; id and secret stay', async () => {
    const registered = await register(open, { client_name: 'Notes', tos_uri: 'https://app.example/tos', claims_redirect_uris: ['https://app.example/cb'] });
    const { client_name: _name, claims_redirect_uris: _uris, ...kept } = own(registered);
    const answer = await manage(open, 'PUT', registered, { ...kept, logo_uri: 'https://app.example/logo' });
    expect([answer.status, answer.body]).toMatchObject([200, { client_id: registered.body['client_id'], logo_uri: 'https://app.example/logo', tos_uri: 'https://app.example/tos', claims_redirect_uris: [] }]);
    expect(answer.body).not.toHaveProperty('client_name');
    expect(answer.body).not.toHaveProperty('client_secret');
    expect(await outcome(open, asClient(registered), 'basic')).toBe('known');
    expect((await manage(open, 'GET', registered)).body).toEqual(answer.body);
  });

  it('gives a secret to a client that comes to need one, and takes it from one that does not', async () => {
    const registered = await register(open, { token_endpoint_auth_method: 'none' });
    const confidential = await manage(open, 'PUT', registered, { ...own(registered), token_endpoint_auth_method: 'client_secret_post' });
    expect(confidential.body['client_secret']).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await outcome(open, asClient(confidential), 'post')).toBe('known');
    expect(await outcome(open, asClient(registered), 'none')).toEqual(INVALID_CLIENT);
    const { client_secret: _secret, ...rest } = own(confidential);
    const back = await manage(open, 'PUT', registered, { ...rest, token_endpoint_auth_method: 'none' });
    expect(back.body).not.toHaveProperty('client_secret_expires_at');
    expect(await outcome(open, asClient(confidential), 'post')).toEqual(INVALID_CLIENT);
  });

  it.each<[string, Record<string, unknown>]>([
    ['another client_id', { client_id: 'dcr_other' }],
    ['no client_id', { client_id: undefined }],
    ['another secret', { client_secret: 'x'.repeat(43) }],
    ['a secret that is none', { client_secret: 7 }],
    ['its registration access token', { registration_access_token: 'x' }],
    ['its registration URI', { registration_client_uri: 'x' }],
    ['the time of its registration', { client_id_issued_at: 1 }],
    ['the expiry of its secret', { client_secret_expires_at: 1 }],
    ['the protection API', { scope: 'uma_protection' }],
    ['grant types that nobody gets', { grant_types: ['client_credentials'] }],
  ])('cannot put %s in the place of what is registered', async (_what, changes) => {
    const registered = await register(open, { client_name: 'Notes' });
    expect(refusal(await manage(open, 'PUT', registered, { ...own(registered), ...changes }))).toEqual(INVALID_METADATA);
    expect((await manage(open, 'GET', registered)).body['client_name']).toBe('Notes');
  });

  it('lets nobody else: a wrong token, another client’s, a secret, and an unknown client look the same', async () => {
    const [mine, yours] = [await register(open), await register(open)];
    const attempts: [string, { token?: string; clientId?: string }][] = (['GET', 'PUT', 'DELETE'] as const).flatMap((method) => [
      [method, { token: String(yours.body['registration_access_token']) }],
      [method, { token: String(mine.body['client_secret']) }],
      [method, { token: 'wrong' }],
      [method, { clientId: 'dcr_unknown' }],
      [method, { clientId: RS.id }],
      [method, { clientId: '__proto__' }],
    ]);
    const bodies = new Set<string>();
    for (const [method, changes] of attempts) {
      const answer = await manage(open, method, mine, method === 'PUT' ? own(mine) : undefined, changes);
      expect([method, changes, refusal(answer)]).toEqual([method, changes, UNAUTHORIZED]);
      bodies.add(`${answer.text} ${answer.headers['www-authenticate']}`);
    }
    expect(bodies.size).toBe(1);
    expect((await manage(open, 'GET', mine)).status).toBe(200);
  });

  it('goes, and everything that it was given goes with it', async () => {
    const registered = await register(open, { token_endpoint_auth_method: 'client_secret_basic' });
    const client = asClient(registered);
    const note = await open.sharedNote();
    const granted = await open.redeem({ ticket: note.ticket, claim_token: await open.identityToken(note, { clientId: client.id }), resource: RESOURCE }, { client });
    const introspect = async () => (await open.post('/introspect', { token: String(granted.body['access_token']) }, { Authorization: `Bearer ${await open.pat()}` })).body['active'] as boolean;
    expect([granted.status, await introspect()]).toEqual([200, true]);
    events.length = 0;
    const answer = await manage(open, 'DELETE', registered);
    expect([answer.status, answer.text, answer.headers['cache-control']]).toEqual([204, '', 'no-store']);
    expect(await introspect()).toBe(false);
    const feed = await open.api('GET', '/revocations');
    expect(JSON.stringify(feed.body)).toContain(String((JSON.parse(Buffer.from(String(granted.body['access_token']).split('.')[1] ?? '', 'base64url').toString()) as { jti: string }).jti));
    expect(await outcome(open, client, 'basic')).toEqual(INVALID_CLIENT);
    for (const method of ['GET', 'DELETE']) expect(refusal(await manage(open, method, registered))).toEqual(UNAUTHORIZED);
    expect(refusal(await manage(open, 'PUT', registered, own(registered)))).toEqual(UNAUTHORIZED);
    expect(events).toEqual([{ type: 'client-revoked', issuer: ISSUER, clientId: client.id }]);
  });

  it('has no say over clients of the configuration, which come first', async () => {
    expect((await open.pat(OTHER_RS)).length).toBeGreaterThan(0);
    expect(refusal(await open.api('DELETE', `/register/${OTHER_RS.id}`, undefined, String(OTHER_RS.secret).replace(/[^A-Za-z0-9]/g, '')))).toEqual(UNAUTHORIZED);
  });
});

it('a store that does not answer is nobody’s fault: 503', async () => {
  const registered = await register(open);
  open.stores.failures.set('clients.find', temporarilyUnavailable('store_unavailable', 1));
  expect(refusal(await open.tokenRequest({ grant_type: GRANT_TYPES.umaTicket, ticket: 'x' }, { client: asClient(registered) }))).toEqual(refused(503, 'temporarily_unavailable'));
  open.stores.failures.clear();
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
  const texts = [...open.log.lines, ...open.log.handedOver].join('\n');
  expect(texts).not.toMatch(/rat_|initial-access/);
});
