import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys, publicJwk, type PrivateJwk } from '@uma-federation/testing';
import { GRANT_TYPES } from '@uma-federation/uma-core';
import { AsRoUnderTest, clientKey, ISSUER, secretsInLogs, stopAll } from './harness.ts';
import { DENIED, refusal, refused } from './support/answers.ts';
import { assertion, signingClient, startClientSite, type ClientSite, type Responder } from './support/client-site.ts';
import { APP } from './support/clients.ts';

const RESOURCE = 'https://rs.acme.example';
const INVALID_CLIENT = refused(401, 'invalid_client');
/** `app.example` is the site, on this machine. */
const NOTES = 'https://app.example/notes';

let site: ClientSite;
let asRo: AsRoUnderTest;
const start = (settings: Record<string, unknown> = {}) => AsRoUnderTest.start({ settings: { development: { addressMap: { 'app.example': site.origin } }, ...settings } });
beforeAll(async () => {
  site = await startClientSite();
  asRo = await start();
});
afterAll(async () => {
  await stopAll();
  await site.close();
});
beforeEach(() => {
  site.documents.clear();
  site.documents.set('/notes', signingClient(NOTES));
  site.asked.length = 0;
});

/** A uma-ticket request of a client that authenticates itself by its key, without DPoP. */
async function access(server: AsRoUnderTest, clientId: string, changes: { named?: string; key?: PrivateJwk; form?: Record<string, string> } = {}) {
  const note = await server.sharedNote();
  const claimToken = await server.identityToken(note, { clientId: changes.named ?? clientId });
  const form = { ticket: note.ticket, claim_token: claimToken, resource: RESOURCE, ...assertion(clientId, ISSUER, server.clock.now(), changes.key), ...changes.form };
  return server.redeem(form, { client: { id: clientId, secret: undefined, configuration: {} }, method: 'none' });
}

/** Whether the server knows the client at all: a ticket that is none is the next thing it looks at. */
async function outcome(server: AsRoUnderTest, clientId: string, form: Record<string, string> = assertion(clientId, ISSUER, server.clock.now())) {
  const answer = await server.tokenRequest({ grant_type: GRANT_TYPES.umaTicket, ticket: 'none', resource: RESOURCE, ...form }, { client: { id: clientId, secret: undefined, configuration: {} }, method: 'none' });
  return answer.body['error'] === 'invalid_grant' ? 'known' : refusal(answer);
}

describe('A client whose id is the URL of its document', () => {
  it('is known without registration, and Decision D3 holds for it by its id, which is the same on both sides: no DPoP is needed', async () => {
    const answer = await access(asRo, NOTES);
    expect([answer.status, answer.body['token_type']]).toEqual([200, 'Bearer']);
    expect(site.asked).toEqual(['/notes']);
  });

  it('is refused when the claims token names another client, and when another key signs for it', async () => {
    expect(refusal(await access(asRo, NOTES, { named: APP.id }))).toEqual(DENIED);
    expect(refusal(await access(asRo, NOTES, { key: { ...fixedKeys.globex, kid: fixedKeys.evil.kid } }))).toEqual(INVALID_CLIENT);
  });

  it('authenticates itself the same way to end what it was given [A72]', async () => {
    const granted = await access(asRo, NOTES);
    const revoke = (form: Record<string, string>) => asRo.post('/revoke', { token: String(granted.body['access_token']), client_id: NOTES, ...form });
    expect(refusal(await revoke({}))).toEqual(INVALID_CLIENT);
    expect((await revoke(assertion(NOTES, ISSUER, asRo.clock.now()))).status).toBe(200);
    const { body } = await asRo.post('/introspect', { token: String(granted.body['access_token']) }, { Authorization: `Bearer ${await asRo.pat()}` });
    expect(body).toEqual({ active: false });
    const metadata = await asRo.send('/.well-known/uma2-configuration');
    expect(metadata.body['revocation_endpoint_auth_methods_supported']).toEqual(metadata.body['token_endpoint_auth_methods_supported']);
  });

  it('may publish its keys elsewhere', async () => {
    site.documents.set('/keyless', signingClient('https://app.example/keyless', { jwks: undefined, jwks_uri: 'https://app.example/keys' }));
    site.documents.set('/keys', { keys: [publicJwk(fixedKeys.evil)] });
    expect((await access(asRo, 'https://app.example/keyless')).status).toBe(200);
    expect(site.asked).toEqual(['/keyless', '/keys']);
  });

  it('may be public; then only a key proves that it is the holder (D3)', async () => {
    const id = 'https://app.example/public';
    site.documents.set('/public', { client_id: id, token_endpoint_auth_method: 'none' });
    const client = { id, secret: undefined, configuration: {} };
    const key = await clientKey();
    const [bare, bound] = [await asRo.sharedNote(), await asRo.sharedNote()];
    expect(refusal(await asRo.redeem({ ticket: bare.ticket, claim_token: await asRo.identityToken(bare, { clientId: id }), resource: RESOURCE }, { client }))).toEqual(DENIED);
    const claimToken = await asRo.identityToken(bound, { clientId: id, confirmationThumbprint: key.thumbprint });
    expect((await asRo.redeem({ ticket: bound.ticket, claim_token: claimToken, resource: RESOURCE }, { client, dpop: key })).status).toBe(200);
  });

  it('has the grant types and scopes that the setting says, whatever its document says', async () => {
    site.documents.set('/greedy', signingClient('https://app.example/greedy', { grant_types: ['client_credentials'], scope: 'uma_protection', resourceServer: {}, dialects: ['uma-1'] }));
    const client = { id: 'https://app.example/greedy', secret: undefined, configuration: {} };
    const form = { grant_type: 'client_credentials', scope: 'uma_protection', ...assertion(client.id, ISSUER, asRo.clock.now()) };
    expect(refusal(await asRo.tokenRequest(form, { client, method: 'none' }))).toEqual(refused(400, 'unauthorized_client'));
    expect(await outcome(asRo, client.id)).toBe('known');
  });

  it('must say which RS it calls (protocol.md 1.9 duty vii; A1)', async () => {
    expect(refusal(await access(asRo, NOTES, { form: { resource: '' } }))).toEqual(refused(400, 'invalid_target'));
  });

  it('lives on loopback only in development', async () => {
    const id = `${site.origin}/local`;
    site.documents.set('/local', signingClient(id));
    expect(await outcome(asRo, id)).toBe('known');
    const strict = await start({ development: {} });
    site.asked.length = 0;
    expect([await outcome(strict, id), site.asked]).toEqual([INVALID_CLIENT, []]);
  });

  it('is fetched once however many requests wait for it', async () => {
    const fresh = await start();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => outcome(fresh, NOTES)));
    expect([new Set(outcomes), site.asked]).toEqual([new Set(['known']), ['/notes']]);
  });
});

describe('A document that cannot be used makes an unknown client', () => {
  const id = 'https://app.example/broken';
  const answering =
    (status: number, headers: Record<string, string>): Responder =>
    (_request, response) =>
      void response.writeHead(status, headers).end(JSON.stringify(signingClient(id)));
  const documents: [string, object | undefined][] = [
    ['that is not there', undefined],
    ['of another client', signingClient(NOTES)],
    ['of a client of almost the same name', signingClient(`${id}/`)],
    ['without client_id', signingClient(id, { client_id: undefined })],
    ['with a secret', signingClient(id, { client_secret: 'x' })],
    ['with the expiry of a secret', signingClient(id, { client_secret_expires_at: 0 })],
    ['for a secret in Basic', signingClient(id, { token_endpoint_auth_method: 'client_secret_basic' })],
    ['for a secret in the form', signingClient(id, { token_endpoint_auth_method: 'client_secret_post' })],
    ['for a MAC', signingClient(id, { token_endpoint_auth_method: 'client_secret_jwt' })],
    ['for a certificate', signingClient(id, { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'app.example' })],
    ['without keys', signingClient(id, { jwks: undefined })],
    ['with a private key', signingClient(id, { jwks: { keys: [fixedKeys.evil] } })],
    ['with a claims redirect URI that is not absolute [G13]', signingClient(id, { claims_redirect_uris: ['/cb'] })],
    ['with a claims redirect URI with a fragment [G14]', signingClient(id, { claims_redirect_uris: ['https://app.example/cb#x'] })],
    ['that is a list', [signingClient(id)]],
    ['of more than 5 KiB', signingClient(id, { contacts: ['x'.repeat(5 * 1024)] })],
    ['behind a redirect', answering(302, { location: '/notes' })],
    ['that is no JSON by its type', answering(200, { 'content-type': 'text/html' })],
    ['with another status', answering(203, { 'content-type': 'application/json' })],
  ];

  it.each(documents)('%s', async (_what, document) => {
    if (document !== undefined) site.documents.set('/broken', document);
    const limits = { discovery: { global: { burst: 100, perMinute: 1 }, perCaller: { burst: 100, perMinute: 1 } } };
    const server = await start({ limits });
    expect(await outcome(server, id)).toEqual(INVALID_CLIENT);
    expect(site.asked).toEqual(['/broken']);
  });

  it('looks like a client that nobody knows [A70, A78]', async () => {
    const bodies = [];
    for (const clientId of [id, 'nobody', 'https://app.example/../notes']) {
      const { status, text, headers } = await asRo.tokenRequest({ grant_type: GRANT_TYPES.umaTicket, ticket: 'x' }, { client: { id: clientId, secret: undefined, configuration: {} } });
      bodies.push(JSON.stringify({ status, text, headers: { ...headers, date: '', 'x-request-id': '' } }));
    }
    expect(new Set(bodies).size).toBe(1);
  });
});

describe('Which documents are asked for', () => {
  it.each([
    'https://app.example', 'https://app.example/', 'https://app.example/notes#x', 'https://user@app.example/notes', 'https://app.example/a/../notes', 'https://app.example/a/%2e%2e/notes',
    'https://APP.example/notes', 'https://app.example:443/notes', 'http://app.example/notes', 'https://127.0.0.1.example@app.example/notes', 'app.example/notes',
  ])('not %s', async (id) => {
    expect([await outcome(asRo, id), site.asked]).toEqual([INVALID_CLIENT, []]);
  });

  it('A36 none on an address that is not public', async () => {
    for (const id of ['https://10.0.0.1/notes', 'https://169.254.169.254/latest', 'https://[::1]/notes', 'https://metadata.internal/notes']) expect(await outcome(asRo, id)).toEqual(INVALID_CLIENT);
    const strict = await start({ development: {} });
    expect([await outcome(strict, 'https://localhost/notes'), site.asked]).toEqual([INVALID_CLIENT, []]);
  });

  it.each([
    ['a host that is denied', { hosts: { deny: ['app.example'] } }],
    ['a host that is not on the list', { hosts: { mode: 'allowlist', allow: ['example', '*.example', 'other.example'] } }],
    ['any host, where documents are not wanted', { enabled: false }],
  ])('none of %s', async (_what, clientIdMetadataDocuments) => {
    const server = await start({ clientIdMetadataDocuments });
    expect([await outcome(server, NOTES), site.asked]).toEqual([INVALID_CLIENT, []]);
  });

  it('that of a host on the list', async () => {
    const server = await start({ clientIdMetadataDocuments: { hosts: { mode: 'allowlist', allow: ['app.example'] } } });
    expect(await outcome(server, NOTES)).toBe('known');
  });

  it('none of a client that is configured under such an id', async () => {
    site.documents.set('/client', signingClient(APP.id));
    expect(await outcome(asRo, APP.id)).toEqual(INVALID_CLIENT);
    expect((await asRo.access(await asRo.sharedNote())).status).toBe(200);
    expect(site.asked).toEqual([]);
  });

  it('A46 no more than the budget of the source allows: 429', async () => {
    const server = await start({ limits: { discovery: { perCaller: { burst: 2, perMinute: 1 } } } });
    const ids = ['a', 'b', 'c'].map((name) => `https://app.example/${name}`);
    for (const id of ids) site.documents.set(new URL(id).pathname, signingClient(id));
    expect([await outcome(server, ids[0] ?? ''), await outcome(server, ids[1] ?? '')]).toEqual(['known', 'known']);
    expect(await outcome(server, ids[2] ?? '')).toEqual(refused(429, 'temporarily_unavailable'));
    expect(await outcome(server, ids[0] ?? '')).toBe('known');
    expect(site.asked).toEqual(['/a', '/b']);
  });
});

it('says in its metadata whether it looks for documents', async () => {
  const without = await start({ clientIdMetadataDocuments: { enabled: false } });
  const [yes, no] = [await asRo.send('/.well-known/oauth-authorization-server'), await without.send('/.well-known/oauth-authorization-server')];
  expect([yes.body['client_id_metadata_document_supported'], 'client_id_metadata_document_supported' in no.body]).toEqual([true, false]);
});

it.each([
  ['a token of their own', { grantTypes: ['client_credentials'] }],
  ['the protection API', { scopes: ['uma_protection'] }],
])('is not configured to give clients that nobody knows %s', async (_what, clientIdMetadataDocuments) => {
  await expect(start({ clientIdMetadataDocuments })).rejects.toThrow();
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
