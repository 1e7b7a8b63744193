import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { AsRoUnderTest, clientKey, ISSUER, readToken, secretsInLogs, stopAll } from './harness.ts';
import { refusal, refused } from './support/answers.ts';
import { APP, IDLE_APP, NO_RS, OTHER_RS, PUBLIC_APP, RS, UNPRIVILEGED_RS } from './support/clients.ts';
import type { Answer, Outgoing } from './support/send-request.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
afterAll(stopAll);

const JSON_BODY = { 'Content-Type': 'application/json' };
const FORM_BODY = { 'Content-Type': 'application/x-www-form-urlencoded' };
/** Every operation of the protection API. */
const OPERATIONS: readonly (readonly [method: string, path: string, rest: Outgoing])[] = [
  ['POST', '/resource', { headers: JSON_BODY, body: '{"resource_scopes":["view"],"owner":"alice@acme.example"}' }],
  ['GET', '/resource', {}],
  ['GET', '/resource/res_1', {}],
  ['PUT', '/resource/res_1', { headers: JSON_BODY, body: '{"resource_scopes":["view"]}' }],
  ['DELETE', '/resource/res_1', {}],
  ['POST', '/permission', { headers: JSON_BODY, body: '{"resource_id":"res_1","resource_scopes":[]}' }],
  ['POST', '/introspect', { headers: FORM_BODY, body: 'token=x' }],
  ['GET', '/revocations', {}],
];

function operate([method, path, { headers, body }]: (typeof OPERATIONS)[number], authorization: Outgoing['headers']): Promise<Answer> {
  return asRo.send(path, { method, headers: { ...headers, ...authorization }, body });
}

describe.each(OPERATIONS)('%s %s', (...operation) => {
  it('asks for a PAT, without an error code [F2]', async () => {
    const answer = await operate(operation, {});
    expect(refusal(answer)).toEqual(refused(401, 'invalid_token'));
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('refuses an expired PAT, a tampered one and garbage', async () => {
    const pat = await asRo.pat();
    const { claims } = readToken(pat);
    const [header, , signature] = pat.split('.');
    const tampered = [header, Buffer.from(JSON.stringify({ ...claims, sub: 'rs-other', client_id: 'rs-other' })).toString('base64url'), signature].join('.');
    for (const token of [tampered, 'garbage', `${pat}=`, `${pat}.`]) {
      const answer = await operate(operation, { Authorization: `Bearer ${token}` });
      expect(refusal(answer)).toEqual(refused(401, 'invalid_token'));
      expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
    asRo.clock.advance(3600 + 60);
    expect(refusal(await operate(operation, { Authorization: `Bearer ${pat}` }))).toEqual(refused(401, 'invalid_token'));
  });

  it.each([
    ['lacks uma_protection', UNPRIVILEGED_RS],
    ['belongs to a client that is no resource server', NO_RS],
  ])('A28 refuses an access token that %s [F4]', async (_which, client) => {
    const answer = await operate(operation, { Authorization: `Bearer ${await asRo.pat(client)}` });
    expect(refusal(answer)).toEqual(refused(403, 'insufficient_scope'));
    expect(answer.headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="uma_protection"');
  });

  it('refuses a PAT in two places at once, and one in the query [A88]', async () => {
    const bearer = `Bearer ${await asRo.pat()}`;
    expect(refusal(await operate(operation, { Authorization: [bearer, bearer] }))).toEqual(refused(400, 'invalid_request'));
    const [method, path, rest] = operation;
    const inQuery = await operate([method, `${path}?access_token=${await asRo.pat()}`, rest], { Authorization: bearer });
    expect(refusal(inQuery)).toEqual(refused(400, 'invalid_request'));
  });
});

describe('A PAT', () => {
  it('is an access token of the RS for this server alone, with the scope uma_protection and no permissions [F4, F5]', async () => {
    const { status, body, headers } = await asRo.tokenRequest({ grant_type: 'client_credentials', scope: 'uma_protection' }, { client: RS });
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600, scope: 'uma_protection' });
    const { header, claims } = readToken(String(body['access_token']));
    expect(header).toMatchObject({ typ: 'at+jwt', alg: 'ES256', kid: 'acme-as-ro-1' });
    const now = asRo.clock.now();
    expect(claims).toEqual({ iss: ISSUER, aud: ISSUER, sub: RS.id, client_id: RS.id, scope: 'uma_protection', iat: now, exp: now + 3600, jti: expect.any(String) });
  });

  it('is a bearer token [F3]', async () => {
    expect((await asRo.send('/resource', { headers: { Authorization: `Bearer ${await asRo.pat()}` } })).status).toBe(200);
    expect((await asRo.send('/resource', { headers: { Authorization: `bearer ${await asRo.pat()}` } })).status).toBe(200);
  });

  it('is not given for a scope the client is not registered for', async () => {
    expect(refusal(await asRo.tokenRequest({ grant_type: 'client_credentials', scope: 'uma_protection' }, { client: UNPRIVILEGED_RS }))).toEqual(refused(400, 'invalid_scope'));
    expect(refusal(await asRo.tokenRequest({ grant_type: 'client_credentials', scope: 'uma_protection admin' }, { client: RS }))).toEqual(refused(400, 'invalid_scope'));
  });

  it.each([APP, PUBLIC_APP, IDLE_APP])('is not given to a client that is not registered for the grant ($id)', async (client) => {
    expect(refusal(await asRo.tokenRequest({ grant_type: 'client_credentials' }, { client }))).toEqual(refused(400, 'unauthorized_client'));
  });

  it('is not given for another server', async () => {
    expect(refusal(await asRo.tokenRequest({ grant_type: 'client_credentials', resource: 'https://as.globex.example' }, { client: RS }))).toEqual(refused(400, 'invalid_target'));
  });
});

describe('A76 A PAT that is bound by DPoP', () => {
  const url = `${ISSUER}/resource`;
  async function boundPat(): Promise<string> {
    const { body } = await asRo.tokenRequest({ grant_type: 'client_credentials' }, { client: RS, dpop: await clientKey() });
    expect(body['token_type']).toBe('DPoP');
    return String(body['access_token']);
  }
  const list = (headers: Outgoing['headers']): Promise<Answer> => asRo.send('/resource', { headers });

  it('is good with a proof of its key, once per proof', async () => {
    const pat = await boundPat();
    const proof = await asRo.proof(await clientKey(), { method: 'GET', url, accessToken: pat });
    expect((await list({ Authorization: `DPoP ${pat}`, DPoP: proof })).status).toBe(200);
    const replayed = await list({ Authorization: `DPoP ${pat}`, DPoP: proof });
    expect(refusal(replayed)).toEqual(refused(401, 'invalid_dpop_proof'));
    expect(replayed.headers['www-authenticate']).toContain('DPoP error="invalid_dpop_proof"');
  });

  it('is refused as Bearer, without a proof, and with the proof of another key', async () => {
    const pat = await boundPat();
    const evil = await asRo.proof(await clientKey(fixedKeys.evil), { method: 'GET', url, accessToken: pat });
    for (const headers of [{ Authorization: `Bearer ${pat}` }, { Authorization: `DPoP ${pat}` }, { Authorization: `DPoP ${pat}`, DPoP: evil }]) {
      const answer = await list(headers);
      expect(refusal(answer)).toEqual(refused(401, 'invalid_token'));
      expect(answer.headers['www-authenticate']).toContain('DPoP error="invalid_token"');
    }
  });

  it.each([
    ['for another method', { method: 'POST', url }],
    ['for another address', { method: 'GET', url: `${ISSUER}/permission` }],
    ['made for the address the socket has', { method: 'GET', url: 'http://127.0.0.1/resource' }],
    ['for another token', { method: 'GET', url, accessToken: 'x' }],
    ['without ath', { method: 'GET', url, accessToken: undefined }],
  ])('is refused with a proof %s', async (_which, target) => {
    const pat = await boundPat();
    const proof = await asRo.proof(await clientKey(), { accessToken: pat, ...target } as { method: string; url: string });
    expect(refusal(await list({ Authorization: `DPoP ${pat}`, DPoP: proof }))).toEqual(refused(401, 'invalid_dpop_proof'));
  });

  it('is refused with a stale proof, and an unbound PAT with the DPoP scheme', async () => {
    const pat = await boundPat();
    const proof = await asRo.proof(await clientKey(), { method: 'GET', url, accessToken: pat });
    asRo.clock.advance(120);
    expect(refusal(await list({ Authorization: `DPoP ${pat}`, DPoP: proof }))).toEqual(refused(401, 'invalid_dpop_proof'));
    expect(refusal(await list({ Authorization: `DPoP ${await asRo.pat()}` }))).toEqual(refused(401, 'invalid_token'));
  });
});

describe('A29 The PAT of one resource server at the resources of another [F5]', () => {
  it('reads, replaces and removes nothing: foreign and unknown look the same', async () => {
    const id = await asRo.register({ name: 'note' });
    const foreign = await asRo.pat(OTHER_RS);
    for (const [method, json] of [['GET', undefined], ['PUT', { resource_scopes: ['own'] }], ['DELETE', undefined]] as const) {
      const answer = await asRo.api(method, `/resource/${id}`, json, foreign);
      const unknown = await asRo.api(method, '/resource/res_unknown', json, foreign);
      expect(refusal(answer)).toEqual(refused(404, 'not_found'));
      expect(answer.text).toBe(unknown.text);
    }
    expect((await asRo.api('GET', `/resource/${id}`)).body).toMatchObject({ name: 'note', resource_scopes: ['view', 'edit', 'print', 'download'] });
  });

  it('lists only its own', async () => {
    const mine = await asRo.register();
    const theirs = await asRo.register({}, OTHER_RS);
    const list = JSON.parse((await asRo.api('GET', '/resource')).text) as string[];
    expect(list).toContain(mine);
    expect(list).not.toContain(theirs);
    expect(JSON.parse((await asRo.api('GET', '/resource', undefined, await asRo.pat(OTHER_RS))).text)).toEqual([theirs]);
  });

  it('gets no ticket', async () => {
    const permission = { resource_id: await asRo.register(), resource_scopes: ['view'] };
    const own = { resource_id: await asRo.register({}, OTHER_RS), resource_scopes: ['view'] };
    for (const body of [permission, [own, permission]]) {
      expect(refusal(await asRo.api('POST', '/permission', body, await asRo.pat(OTHER_RS)))).toEqual(refused(400, 'invalid_resource_id'));
    }
  });

  it('introspects nothing', async () => {
    const { body } = await asRo.access(await asRo.sharedNote());
    const answer = await asRo.post('/introspect', { token: String(body['access_token']) }, { Authorization: `Bearer ${await asRo.pat(OTHER_RS)}` });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '{"active":false}' });
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
