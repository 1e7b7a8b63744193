import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedKeys, forgeJws } from '@uma-federation/testing';
import { AsRoUnderTest, BOB, clientKey, GLOBEX, ISSUER, JWT_FORMAT, secretsInLogs, stopAll, type Challenge } from './harness.ts';
import { DENIED, INVALID_GRANT, refusal, refused } from './support/answers.ts';
import { APP } from './support/clients.ts';

let asRo: AsRoUnderTest;
/** One live token of each kind that is about. */
let tokens: Record<Kind, string>;
let spare: Challenge;

const KINDS = ['permission ticket', 'resource claims token', 'identity claims token', 'RPT', 'PAT', 'access token of globex', 'ID token of globex', 'ID token of an owner', 'DPoP proof'] as const;
type Kind = (typeof KINDS)[number];

beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
  spare = await asRo.sharedNote();
  const now = asRo.clock.now();
  const ofBob = { iss: GLOBEX, sub: BOB, email: BOB, email_verified: true, iat: now, nbf: now, exp: now + 60, jti: 'bob-1', client_id: APP.id, act: asRo.identityClaims(spare)['act'] };
  const signed = (typ: string, claims: object): string => forgeJws({ header: { alg: 'ES256', kid: fixedKeys.globex.kid, typ }, claims: claims as never, key: fixedKeys.globex });
  const granted = await asRo.access(await asRo.sharedNote());
  tokens = {
    'permission ticket': (await asRo.sharedNote()).ticket,
    'resource claims token': spare.resourceClaimsToken,
    'identity claims token': await asRo.identityToken(spare),
    RPT: String(granted.body['access_token']),
    PAT: await asRo.pat(),
    // Right in every claim that matters here: only the type tells.
    'access token of globex': signed('at+jwt', { ...ofBob, aud: ISSUER, scope: 'uma_protection' }),
    'ID token of globex': signed('JWT', { ...ofBob, aud: ISSUER }),
    'ID token of an owner': await asRo.ownerToken(),
    'DPoP proof': await asRo.proof(await clientKey()),
  };
});
afterAll(stopAll);

const others = (...right: readonly Kind[]): readonly Kind[] => KINDS.filter((kind) => !right.includes(kind));
const bearer = (kind: Kind) => ({ Authorization: `Bearer ${tokens[kind]}` });

describe('A4 Tokens in wrong slots', () => {
  it.each(others('permission ticket'))('%s as ticket: invalid_grant', async (kind) => {
    expect(refusal(await asRo.redeem({ ticket: tokens[kind] }))).toEqual(INVALID_GRANT);
  });

  it.each(others('identity claims token'))('%s as claim_token: request_denied, and the ticket is spent', async (kind) => {
    const note = await asRo.sharedNote();
    const answer = await asRo.redeem({ ticket: note.ticket, claim_token: tokens[kind] });
    expect(refusal(answer)).toEqual(DENIED);
    expect(refusal(await asRo.access(note))).toEqual(INVALID_GRANT);
  });

  it.each(others('PAT'))('%s as PAT: invalid_token at every endpoint of the protection API', async (kind) => {
    const json = { ...bearer(kind), 'Content-Type': 'application/json' };
    const form = { ...bearer(kind), 'Content-Type': 'application/x-www-form-urlencoded' };
    const answers = [
      await asRo.send('/resource', { headers: bearer(kind) }),
      await asRo.send('/resource', { method: 'POST', headers: json, body: '{"resource_scopes":["view"],"owner":"alice@acme.example"}' }),
      await asRo.send('/permission', { method: 'POST', headers: json, body: '{"resource_id":"res_1","resource_scopes":[]}' }),
      await asRo.send('/introspect', { method: 'POST', headers: form, body: 'token=x' }),
    ];
    for (const answer of answers) expect(refusal(answer)).toEqual(refused(401, 'invalid_token'));
  });

  it.each(others('ID token of an owner'))('%s as owner’s ID token: invalid_token', async (kind) => {
    expect(refusal(await asRo.send('/owner/resources', { headers: bearer(kind) }))).toEqual(refused(401, 'invalid_token'));
  });

  it.each(others('RPT'))('%s as RPT at introspection: inactive', async (kind) => {
    const { status, text } = await asRo.post('/introspect', { token: tokens[kind] }, { Authorization: `Bearer ${await asRo.pat()}` });
    expect({ status, text }).toEqual({ status: 200, text: '{"active":false}' });
  });

  it.each(others('DPoP proof'))('%s as DPoP proof: invalid_dpop_proof, and the ticket is not touched', async (kind) => {
    const note = await asRo.sharedNote();
    expect(refusal(await asRo.redeem({ ticket: note.ticket }, { headers: { DPoP: tokens[kind] } }))).toEqual(refused(400, 'invalid_dpop_proof'));
    expect((await asRo.access(note)).status).toBe(200);
  });

  it.each(KINDS)('%s as credentials of the client: invalid_client', async (kind) => {
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket', ticket: spare.ticket };
    expect(refusal(await asRo.post('/token', { ...form, client_id: APP.id }, bearer(kind)))).toEqual(refused(401, 'invalid_client'));
    expect(refusal(await asRo.post('/token', { ...form, client_id: APP.id, client_secret: tokens[kind] }))).toEqual(refused(401, 'invalid_client'));
    const assertion = { client_assertion: tokens[kind], client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' };
    expect(refusal(await asRo.post('/token', { ...form, client_id: APP.id, ...assertion }))).toEqual(refused(401, 'invalid_client'));
  });
});

describe('A3 The resource claims token, which every anonymous caller gets', () => {
  it('opens nothing here: neither the protection API nor the owner API, and introspection calls it inactive', async () => {
    const header = bearer('resource claims token');
    expect((await asRo.send('/resource', { headers: header })).status).toBe(401);
    expect((await asRo.send('/owner/shares', { headers: header })).status).toBe(401);
    const { text } = await asRo.post('/introspect', { token: tokens['resource claims token'] }, { Authorization: `Bearer ${await asRo.pat()}` });
    expect(text).toBe('{"active":false}');
  });
});

describe('A5 An access token or ID token pushed as claim_token', () => {
  it.each(['access token of globex', 'ID token of globex', 'PAT', 'RPT'] as const)('%s is refused under every format that names it', async (kind) => {
    for (const [format, error] of [
      [JWT_FORMAT, 'request_denied'],
      ['urn:ietf:params:oauth:token-type:access_token', 'need_info'],
      ['urn:ietf:params:oauth:token-type:id_token', 'need_info'],
    ]) {
      const note = await asRo.sharedNote();
      const form = { grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket', ticket: note.ticket, claim_token: tokens[kind], claim_token_format: format };
      const answer = await asRo.tokenRequest(form);
      expect({ status: answer.status, error: answer.body['error'], token: answer.body['access_token'] }).toEqual({ status: 403, error, token: undefined });
    }
  });

  it('carries no binding to a ticket even when it was made for this very one', async () => {
    const note = await asRo.sharedNote();
    const token = asRo.forgeIdentityToken(note, { header: { typ: 'at+jwt' } });
    expect(refusal(await asRo.redeem({ ticket: note.ticket, claim_token: token }))).toEqual(DENIED);
  });
});

describe('A71 The requesting party’s own tokens as client authentication', () => {
  it.each(['RPT', 'access token of globex', 'PAT'] as const)('%s in the Authorization header does not authenticate a client', async (kind) => {
    const note = await asRo.sharedNote();
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket', ticket: note.ticket };
    for (const scheme of ['Bearer', 'DPoP']) {
      expect(refusal(await asRo.post('/token', form, { Authorization: `${scheme} ${tokens[kind]}` }))).toEqual(refused(401, 'invalid_client'));
    }
    expect((await asRo.access(note)).status).toBe(200);
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
