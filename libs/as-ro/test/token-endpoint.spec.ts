import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RateLimiter } from '@uma-federation/uma-core';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { AsRoUnderTest, clientKey, encodeForm, JWT_FORMAT, secretsInLogs, stopAll } from './harness.ts';
import { INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { APP, IDLE_APP, PUBLIC_APP, RS } from './support/clients.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
afterAll(stopAll);

const UMA = 'urn:ietf:params:oauth:grant-type:uma-ticket';
const FORM = 'application/x-www-form-urlencoded';
const basic = (id: string, secret: string): string => `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
const INVALID_CLIENT = refused(401, 'invalid_client');

describe('A68 Parameter pollution', () => {
  it.each(['ticket', 'claim_token', 'claim_token_format', 'grant_type', 'scope', 'resource', 'pct', 'rpt', 'client_id', 'unknown'])('refuses %s given twice, and leaves the ticket alone', async (name) => {
    const note = await asRo.sharedNote();
    const good: Record<string, string> = { grant_type: UMA, ticket: note.ticket, claim_token: await asRo.identityToken(note), claim_token_format: JWT_FORMAT, resource: 'https://rs.acme.example' };
    const value = good[name] ?? 'x';
    expect(refusal(await asRo.tokenRequest({ ...good, [name]: [value, value] }))).toEqual(INVALID_REQUEST);
    expect((await asRo.tokenRequest(good)).status).toBe(200);
  });

  it.each(['ticket[]', 'ticket[a]', 'ticket[0]', '[ticket]', 'resource[]'])('refuses %s', async (name) => {
    const note = await asRo.sharedNote();
    expect(refusal(await asRo.redeem({ ticket: note.ticket, [name]: note.ticket }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.redeem({ [name]: note.ticket }))).toEqual(INVALID_REQUEST);
  });

  it('refuses parameters in the query, even harmless ones', async () => {
    const note = await asRo.sharedNote();
    const headers = { Authorization: basic(APP.id, APP.secret ?? '') };
    for (const query of ['?ticket=x', '?x=1', '?', `?${encodeForm({ grant_type: UMA, ticket: note.ticket })}`]) {
      expect(refusal(await asRo.post(`/token${query}`, { grant_type: UMA, ticket: note.ticket }, headers))).toEqual(INVALID_REQUEST);
    }
    expect((await asRo.access(note)).status).toBe(200);
  });

  it.each([
    ['JSON', 'application/json', (ticket: string) => JSON.stringify({ grant_type: UMA, ticket, client_id: PUBLIC_APP.id })],
    ['multipart', 'multipart/form-data; boundary=x', (ticket: string) => `--x\r\nContent-Disposition: form-data; name="ticket"\r\n\r\n${ticket}\r\n--x--\r\n`],
    ['text', 'text/plain', (ticket: string) => encodeForm({ grant_type: UMA, ticket, client_id: PUBLIC_APP.id })],
    ['a form type with a suffix', `${FORM}x`, (ticket: string) => encodeForm({ grant_type: UMA, ticket, client_id: PUBLIC_APP.id })],
    ['XML', 'application/xml', () => '<ticket/>'],
  ])('refuses a body of %s with 400', async (_what, type, body) => {
    const note = await asRo.sharedNote();
    expect(refusal(await asRo.send('/token', { method: 'POST', headers: { 'Content-Type': type }, body: body(note.ticket) }))).toEqual(INVALID_REQUEST);
    expect((await asRo.access(note)).status).toBe(200);
  });

  it('refuses a body without a type, no body, a compressed one, and one that is not UTF-8', async () => {
    const form = encodeForm({ grant_type: UMA, ticket: 'x', client_id: PUBLIC_APP.id });
    expect(refusal(await asRo.send('/token', { method: 'POST', body: form }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.send('/token', { method: 'POST' }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.send('/token', { method: 'POST', headers: { 'Content-Type': FORM } }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.send('/token', { method: 'POST', headers: { 'Content-Type': FORM, 'Content-Encoding': 'gzip' }, body: gzipSync(form) }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.send('/token', { method: 'POST', headers: { 'Content-Type': FORM }, body: Buffer.from([0x61, 0x3d, 0xff]) }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.send('/token', { method: 'POST', headers: { 'Content-Type': [FORM, 'application/json'] }, body: form }))).toEqual(INVALID_REQUEST);
  });

  it('takes the form with a charset parameter and in other cases of its type', async () => {
    for (const type of [`${FORM};charset=UTF-8`, 'Application/X-WWW-Form-Urlencoded']) {
      const note = await asRo.sharedNote();
      const body = encodeForm({ grant_type: UMA, ticket: note.ticket, client_id: PUBLIC_APP.id });
      const answer = await asRo.send('/token', { method: 'POST', headers: { 'Content-Type': type }, body });
      expect(answer.body['error']).toBe('need_info');
    }
  });

  it('A54 refuses more than 64 parameters, and more than 64 KiB with 413', async () => {
    expect(refusal(await asRo.redeem({ ticket: 'x', ...Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`x${index}`, '1'])) }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.redeem({ ticket: 'x', y: 'y'.repeat(65_536) }))).toEqual(refused(413, 'invalid_request'));
  });

  it('takes raw #, commas, spaces and slashes in values: a form is no URL', async () => {
    const note = await asRo.sharedNote({ scopes: ['view', 'download'] });
    const claimToken = await asRo.identityToken(note);
    const body = `grant_type=${UMA}&ticket=${note.ticket}&claim_token=${claimToken}&claim_token_format=${JWT_FORMAT}&resource=https://rs.acme.example/&scope=download  download&note=a#b, c/d?e:@f`;
    const headers = { 'Content-Type': FORM, Authorization: basic(APP.id, APP.secret ?? '') };
    expect((await asRo.send('/token', { method: 'POST', headers, body })).status).toBe(200);
    // What stands behind a raw # belongs to the value, and is no other parameter.
    const other = await asRo.sharedNote();
    const hidden = `grant_type=${UMA}&ticket=${other.ticket}&resource=https://rs.acme.example#x`;
    expect(refusal(await asRo.send('/token', { method: 'POST', headers, body: hidden }))).toEqual(refused(400, 'invalid_target'));
  });

  it('knows a parameter by its exact name, and takes an empty one for absent (RFC 6749 3.1)', async () => {
    expect(refusal(await asRo.redeem({ ticket: '' }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.redeem({ TICKET: 'x' }))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.redeem({ 'ticket ': 'x' }))).toEqual(INVALID_REQUEST);
  });
});

describe('The grant type', () => {
  it.each(['uma-ticket', 'token-exchange', 'urn:ietf:params:oauth:grant-type:token-exchange', 'urn:ietf:params:oauth:grant-type:UMA-ticket', 'authorization_code', 'password', 'refresh_token', '__proto__', 'constructor'])(
    '%s is not supported [G10]',
    async (grant) => {
      expect(refusal(await asRo.tokenRequest({ grant_type: grant, ticket: 'x' }))).toEqual(refused(400, 'unsupported_grant_type'));
    },
  );

  it('must be one that the client is registered for', async () => {
    expect(refusal(await asRo.redeem({ ticket: 'x' }, { client: IDLE_APP }))).toEqual(refused(400, 'unauthorized_client'));
    expect(refusal(await asRo.redeem({ ticket: 'x' }, { client: RS }))).toEqual(refused(400, 'unauthorized_client'));
  });

  it('must be there', async () => {
    expect(refusal(await asRo.tokenRequest({ ticket: 'x' }))).toEqual(INVALID_REQUEST);
  });
});

describe('A70 Confusion of client authentication', () => {
  const ask = (form: Record<string, string>, headers: Record<string, string | string[]> = {}) => asRo.post('/token', { grant_type: UMA, ticket: 'x', ...form }, headers);
  const secret = APP.secret ?? '';

  it('takes Basic and the form, each alone', async () => {
    for (const method of ['basic', 'post'] as const) {
      const note = await asRo.sharedNote();
      expect((await asRo.access(note, {}, { method })).status).toBe(200);
    }
  });

  it('refuses two methods at once with 400', async () => {
    expect(refusal(await ask({ client_secret: secret, client_id: APP.id }, { Authorization: basic(APP.id, secret) }))).toEqual(INVALID_REQUEST);
    expect(refusal(await ask({ client_assertion: 'x', client_assertion_type: 'y' }, { Authorization: basic(APP.id, secret) }))).toEqual(INVALID_REQUEST);
    expect(refusal(await ask({ client_assertion: 'x', client_id: APP.id, client_secret: secret }))).toEqual(INVALID_REQUEST);
    expect(refusal(await ask({ client_id: PUBLIC_APP.id }, { Authorization: basic(APP.id, secret) }))).toEqual(INVALID_REQUEST);
    expect(refusal(await ask({}, { Authorization: [basic(APP.id, secret), basic(APP.id, secret)] }))).toEqual(INVALID_REQUEST);
  });

  it.each([
    ['no client', {}, {}],
    ['an unknown client', { client_id: 'unknown' }, {}],
    ['a confidential client without its secret', { client_id: APP.id }, {}],
    ['a wrong secret', { client_id: APP.id, client_secret: 'x'.repeat(40) }, {}],
    ['a secret for a public client', { client_id: PUBLIC_APP.id, client_secret: secret }, {}],
    ['Basic with a wrong secret', {}, { Authorization: basic(APP.id, `${secret}x`) }],
    ['Basic for a public client', {}, { Authorization: basic(PUBLIC_APP.id, '') }],
    ['Basic without a colon', {}, { Authorization: `Basic ${Buffer.from('x').toString('base64')}` }],
    ['Basic that is no base64', {}, { Authorization: 'Basic !' }],
    ['a secret that is not form-encoded', {}, { Authorization: `Basic ${Buffer.from(`${APP.id}:${secret}`).toString('base64')}` }],
    ['another scheme', { client_id: PUBLIC_APP.id }, { Authorization: 'Digest x' }],
    ['the hash of the secret', { client_id: 'rs-acme', client_secret: 'A'.repeat(43) }, {}],
  ])('refuses %s with 401 and a challenge, the same for all', async (_what, form, headers) => {
    const answer = await ask(form, headers);
    expect(refusal(answer)).toEqual(INVALID_CLIENT);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="token endpoint", charset="UTF-8"');
    expect(answer.text).toBe((await ask({ client_id: 'unknown' })).text);
  });

  it('takes a client id from neither the Host header nor a cookie', async () => {
    expect(refusal(await ask({}, { Cookie: `client_id=${PUBLIC_APP.id}` }))).toEqual(INVALID_CLIENT);
  });
});

describe('Rate limits', () => {
  const unlimited: RateLimiter = { take: async () => undefined };
  const spent: RateLimiter = { take: async () => 23 };
  const limiters = { bySource: unlimited, byClient: unlimited, ticketsByResourceServer: unlimited, introspectionsByResourceServer: unlimited };

  it('of a source answer 429 with Retry-After before anything is read', async () => {
    const limited = await AsRoUnderTest.start({ overrides: { limiters: { ...limiters, bySource: spent } } });
    const answer = await limited.post('/token', {});
    expect(refusal(answer)).toEqual(refused(429, 'temporarily_unavailable'));
    expect(answer.headers['retry-after']).toBe('23');
  });

  it('of a client count only for who is that client', async () => {
    const keys: string[] = [];
    const byClient: RateLimiter = { take: async (key) => (keys.push(key) > 0 ? 23 : undefined) };
    const limited = await AsRoUnderTest.start({ overrides: { limiters: { ...limiters, byClient } } });
    expect((await limited.redeem({ ticket: 'x' }, { client: { ...APP, secret: 'x'.repeat(40) } })).status).toBe(401);
    expect(keys).toEqual([]);
    expect(refusal(await limited.redeem({ ticket: 'x' }))).toEqual(refused(429, 'temporarily_unavailable'));
    expect(keys).toEqual([APP.id]);
  });
});

describe('HTTP', () => {
  it('A86 does not build anything from the Host header: a proof for the configured address stands whatever Host says', async () => {
    const note = await asRo.sharedNote();
    const dpop = await clientKey();
    const { hostname, port } = new URL(asRo.origin);
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'http', 'Content-Type': FORM, DPoP: await asRo.proof(dpop) };
    const status = await new Promise((resolve, reject) => {
      const outgoing = request({ hostname, port, path: '/token', method: 'POST', headers, agent: false }, (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode);
      });
      outgoing.on('error', reject);
      outgoing.end(encodeForm({ grant_type: UMA, ticket: note.ticket, client_id: PUBLIC_APP.id }));
    });
    expect(status).toBe(403);
  });

  it('answers a malformed path in the error format of the house', async () => {
    expect(refusal(await asRo.send('/resource/%zz'))).toEqual(INVALID_REQUEST);
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
