import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedKeys, publicJwk } from '@uma-federation/testing';
import { GRANT_TYPES, jwkThumbprint } from '@uma-federation/uma-core';
import { ALICE, ANNA, type AsRoUnderTest, BOB, clientKey, ISSUER, JWT_FORMAT, readToken, secretsInLogs, stopAll, toChallenge } from './harness.ts';
import { INVALID_GRANT, INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { APP, CAREFUL_APP, OTHER_APP, OTHER_RS, PUBLIC_APP, RS } from './support/clients.ts';
import { CAROL, idToken, listOf, PERMISSION, post, sharedWithCarol, startWithAlias, TOKEN, uma, userToken } from './support/keycloak.ts';

const ID_TOKEN_FORMAT = 'https://openid.net/specs/openid-connect-core-1_0.html#IDToken';
const NOT_AUTHORIZED = refused(403, 'access_denied');
const BAD_USER_TOKEN = refused(401, 'invalid_grant');

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await startWithAlias();
});
afterAll(stopAll);

/** A ticket of the resource server, as a Keycloak enforcer asks for it. */
const ticketFor = async (id: string, scopes = ['view']): Promise<string> => {
  const { body } = await asRo.api('POST', PERMISSION, [{ resource_id: id, resource_scopes: scopes }]);
  return String(body['ticket']);
};
const claimsOf = (token: unknown) => readToken(String(token)).claims;

describe('A ticket, redeemed with the person’s access token', () => {
  it('gives an RPT in Keycloak’s answer, whose claim `authorization` repeats its permissions', async () => {
    const id = await sharedWithCarol(asRo, { name: 'Note 1' });
    const { status, body, headers } = await uma(asRo, { ticket: await ticketFor(id) });
    expect({ status, cacheControl: headers['cache-control'] }).toEqual({ status: 200, cacheControl: 'no-store' });
    expect(body).toEqual({
      upgraded: false,
      access_token: expect.any(String),
      expires_in: 600,
      refresh_expires_in: 0,
      token_type: 'Bearer',
      'not-before-policy': 0,
      resource: 'https://rs.acme.example',
    });
    expect(claimsOf(body['access_token'])).toMatchObject({
      iss: ISSUER,
      aud: 'https://rs.acme.example',
      sub: CAROL,
      client_id: PUBLIC_APP.id,
      permissions: [{ resource_id: id, resource_scopes: ['view'] }],
      authorization: { permissions: [{ rsid: id, rsname: 'Note 1', scopes: ['view'] }] },
    });
  });

  it('leaves the name out when the client wants it so', async () => {
    const id = await sharedWithCarol(asRo, { name: 'Note 1' });
    const { body } = await uma(asRo, { ticket: await ticketFor(id), response_include_resource_name: 'false' });
    expect(claimsOf(body['access_token'])['authorization']).toEqual({ permissions: [{ rsid: id, scopes: ['view'] }] });
  });

  it('is on the record like every grant, and ends with its share [G67]', async () => {
    const id = await asRo.register();
    const shareId = await asRo.share(id, { grantee: { email: CAROL } });
    const { body } = await uma(asRo, { ticket: await ticketFor(id) });
    const introspect = async () => (await asRo.post('/introspect', { token: String(body['access_token']) }, { Authorization: `Bearer ${await asRo.pat()}` })).body['active'] as boolean;
    expect(await introspect()).toBe(true);
    expect(asRo.memory.audit.filter(({ event }) => event === 'token_granted').at(-1)?.data).toMatchObject({ requestingParty: CAROL, clientId: PUBLIC_APP.id, owner: ALICE });
    await asRo.api('DELETE', `/owner/shares/${shareId}`, undefined, await asRo.ownerToken());
    expect(await introspect()).toBe(false);
  });

  it('answers whoever is not let in as Keycloak does', async () => {
    const id = await asRo.register();
    const answer = await uma(asRo, { ticket: await ticketFor(id) });
    expect(refusal(answer)).toEqual(NOT_AUTHORIZED);
    expect(answer.body['error_description']).toBe('not_authorized');
  });

  it('takes the previous RPT along, and passes over one that is not ours [G29]', async () => {
    const first = await sharedWithCarol(asRo);
    const second = await sharedWithCarol(asRo);
    const { body } = await uma(asRo, { ticket: await ticketFor(first) });
    const upgraded = await uma(asRo, { ticket: await ticketFor(second), rpt: String(body['access_token']) });
    expect(upgraded.body['upgraded']).toBe(true);
    const ids = (claimsOf(upgraded.body['access_token'])['authorization'] as { permissions: { rsid: string }[] }).permissions.map(({ rsid }) => rsid);
    expect(ids.sort()).toEqual([first, second].sort());
    const foreign = await uma(asRo, { ticket: await ticketFor(second), rpt: userToken(asRo) });
    expect({ status: foreign.status, upgraded: foreign.body['upgraded'] }).toEqual({ status: 200, upgraded: false });
  });

  it('answers a decision or the permissions instead of an RPT', async () => {
    const id = await sharedWithCarol(asRo, { name: 'Note 2' });
    expect((await uma(asRo, { ticket: await ticketFor(id), response_mode: 'decision' })).body).toEqual({ result: true });
    expect(listOf(await uma(asRo, { ticket: await ticketFor(id), response_mode: 'permissions' }))).toEqual([{ rsid: id, rsname: 'Note 2', scopes: ['view'] }]);
  });

  it('gives no decision for a part of what the ticket asks for', async () => {
    const id = await sharedWithCarol(asRo);
    expect(refusal(await uma(asRo, { ticket: await ticketFor(id, ['view', 'edit']), response_mode: 'decision' }))).toEqual(NOT_AUTHORIZED);
    expect((await uma(asRo, { ticket: await ticketFor(id, ['view', 'edit']) })).status).toBe(200);
  });

  it.each(['decision', 'permissions'])('does not end the previous RPT for a new one that nobody gets: %s', async (mode) => {
    const [first, second] = [await sharedWithCarol(asRo), await sharedWithCarol(asRo)];
    const rpt = String((await uma(asRo, { ticket: await ticketFor(first) })).body['access_token']);
    expect((await uma(asRo, { ticket: await ticketFor(second), rpt, response_mode: mode })).status).toBe(200);
    const introspected = await asRo.post('/introspect', { token: rpt }, { Authorization: `Bearer ${await asRo.pat()}` });
    expect(introspected.body['active']).toBe(true);
  });

  it('asks the owner where a share says so, unless the client forbids it [G38]', async () => {
    const id = await sharedWithCarol(asRo, {}, { conditions: { ask: true } });
    const refusedToAsk = await uma(asRo, { ticket: await ticketFor(id), submit_request: 'false' });
    expect(refusal(refusedToAsk)).toEqual(NOT_AUTHORIZED);
    const requests = async () => (await asRo.api('GET', '/owner/requests', undefined, await asRo.ownerToken())).body['requests'].length as number;
    const before = await requests();
    const submitted = await uma(asRo, { ticket: await ticketFor(id) });
    expect(submitted.status).toBe(403);
    expect(submitted.body).toMatchObject({ error: 'access_denied', error_description: 'request_submitted', ticket: expect.any(String), interval: expect.any(Number) });
    expect(await requests()).toBe(before + 1);
  });

  it('serves a person of another domain by UMA 2.0 itself: their claims token, need_info without it', async () => {
    const note = await asRo.sharedNote();
    const asked = await post(asRo, TOKEN, { grant_type: GRANT_TYPES.umaTicket, client_id: APP.id, client_secret: APP.secret, ticket: note.ticket });
    expect({ status: asked.status, error: asked.body['error'] }).toEqual({ status: 403, error: 'need_info' });
    const next = toChallenge(asked.body);
    const form = { grant_type: GRANT_TYPES.umaTicket, client_id: APP.id, client_secret: APP.secret, ticket: next.ticket };
    const { status, body } = await post(asRo, TOKEN, { ...form, claim_token: await asRo.identityToken(next), claim_token_format: JWT_FORMAT });
    expect({ status, sub: claimsOf(body['access_token'])['sub'] }).toEqual({ status: 200, sub: BOB });
  });
});

describe('User token, ticket and client belong together', () => {
  const ticketed = async () => ticketFor(await sharedWithCarol(asRo));

  it.each([
    ['A5 a token that was issued to another client', () => userToken(asRo, { claims: { client_id: APP.id } })],
    ['A5 an ID token in place of an access token', () => idToken(asRo)],
    ['A5 an access token for another audience', () => userToken(asRo, { claims: { aud: 'https://as-rqp.acme.example' } })],
    ['A5 a token of another issuer', () => userToken(asRo, { claims: { iss: 'https://id.globex.example' }, key: fixedKeys.globex })],
    ['A5 a token under another key', () => userToken(asRo, { key: fixedKeys.globex })],
    ['A5 a token that has expired', () => userToken(asRo, { claims: { exp: asRo.clock.now() - 120, iat: asRo.clock.now() - 500 } })],
    ['A53 a token by which another client may act', () => userToken(asRo, { claims: { may_act: { client_id: APP.id } } })],
    ['A35 a person whose address is not verified', () => userToken(asRo, { claims: { email_verified: false } })],
    ['A30 a person of a domain that the provider does not speak for', () => userToken(asRo, { claims: { email: BOB } })],
    ['A76 a token that is bound to a key, as Bearer', () => userToken(asRo, { claims: { cnf: { jkt: 'A'.repeat(43) } } })],
    ['an opaque token', () => 'opaque'],
  ])('%s is refused, and the ticket lives on', async (_what, token) => {
    const ticket = await ticketed();
    expect(refusal(await uma(asRo, { ticket }, { token: token() }))).toEqual(BAD_USER_TOKEN);
    expect((await uma(asRo, { ticket })).status).toBe(200);
  });

  it('A4 our own RPT, PAT or ticket is no user token', async () => {
    const id = await sharedWithCarol(asRo);
    const { body } = await uma(asRo, { ticket: await ticketFor(id) });
    for (const token of [String(body['access_token']), await asRo.pat(), await ticketFor(id)]) {
      expect(refusal(await uma(asRo, { ticket: await ticketFor(id) }, { token }))).toEqual(BAD_USER_TOKEN);
    }
  });

  it('A71 a user token never stands for the secret of a confidential client', async () => {
    const ticket = await ticketed();
    const token = userToken(asRo, { claims: { client_id: APP.id } });
    const headers = { Authorization: `Bearer ${token}` };
    const form = { grant_type: GRANT_TYPES.umaTicket, ticket };
    expect(refusal(await post(asRo, TOKEN, { ...form, client_id: APP.id }, headers))).toEqual(refused(401, 'invalid_client'));
    expect(refusal(await post(asRo, TOKEN, form, headers))).toEqual(refused(401, 'invalid_client'));
    expect(refusal(await post(asRo, TOKEN, { ...form, client_id: APP.id, client_secret: 'wrong' }, headers))).toEqual(refused(401, 'invalid_client'));
    expect((await post(asRo, TOKEN, { ...form, client_id: APP.id, client_secret: APP.secret }, headers)).status).toBe(200);
  });

  it('A71 a user token does not open the client credentials grant', async () => {
    const token = userToken(asRo, { claims: { client_id: RS.id } });
    const answer = await post(asRo, TOKEN, { grant_type: GRANT_TYPES.clientCredentials, client_id: RS.id }, { Authorization: `Bearer ${token}` });
    expect(refusal(answer)).toEqual(refused(401, 'invalid_client'));
  });

  it('takes the public client that the token names when the form names none, as Keycloak’s Java client does', async () => {
    const form = { grant_type: GRANT_TYPES.umaTicket, ticket: await ticketed() };
    const { status, body } = await post(asRo, TOKEN, form, { Authorization: `Bearer ${userToken(asRo)}` });
    expect({ status, clientId: claimsOf(body['access_token'])['client_id'] }).toEqual({ status: 200, clientId: PUBLIC_APP.id });
  });

  it('A15 a ticket that is bound to another client is refused', async () => {
    const note = await asRo.sharedNote();
    const needInfo = await asRo.redeem({ ticket: note.ticket }, { client: OTHER_APP });
    expect(needInfo.body['error']).toBe('need_info');
    expect(refusal(await uma(asRo, { ticket: String(needInfo.body['ticket']) }))).toEqual(INVALID_GRANT);
  });

  it('a person who is not the one that the process knows is refused', async () => {
    const id = await asRo.register();
    await asRo.share(id, { grantee: { email: BOB }, conditions: { acr_values: ['phr'] } });
    const challenge = await asRo.challenge({ resource_id: id, resource_scopes: ['view'] });
    const stepUp = await asRo.access(challenge);
    expect(stepUp.body['error']).toBe('need_info');
    const form = { grant_type: GRANT_TYPES.umaTicket, client_id: APP.id, client_secret: APP.secret, ticket: String(stepUp.body['ticket']) };
    const answer = await post(asRo, TOKEN, { ...form, subject_token: userToken(asRo, { claims: { client_id: APP.id } }) });
    expect(refusal(answer)).toEqual(NOT_AUTHORIZED);
  });

  it('A21 an RPT of another client, or of another person, is not carried on', async () => {
    const id = await sharedWithCarol(asRo);
    const others = { grant_type: GRANT_TYPES.umaTicket, client_id: APP.id, client_secret: APP.secret, ticket: await ticketFor(id) };
    const ofApp = await post(asRo, TOKEN, { ...others, subject_token: userToken(asRo, { claims: { client_id: APP.id } }) });
    expect(refusal(await uma(asRo, { ticket: await ticketFor(id), rpt: String(ofApp.body['access_token']) }))).toEqual(INVALID_GRANT);
    const own = await uma(asRo, { ticket: await ticketFor(id) });
    const anna = userToken(asRo, { claims: { email: ANNA } });
    expect(refusal(await uma(asRo, { ticket: await ticketFor(id), rpt: String(own.body['access_token']) }, { token: anna }))).toEqual(INVALID_GRANT);
  });

  it('A1b a client that has to say which RS it calls has to say it here, too', async () => {
    const token = userToken(asRo, { claims: { client_id: CAREFUL_APP.id } });
    const form = { client_id: CAREFUL_APP.id, client_secret: CAREFUL_APP.secret };
    expect(refusal(await uma(asRo, { ...form, ticket: await ticketed() }, { token }))).toEqual(refused(400, 'invalid_target'));
    expect(refusal(await uma(asRo, { ...form, ticket: await ticketed(), resource: 'https://rs2.acme.example/api' }, { token }))).toEqual(refused(400, 'invalid_target'));
    expect((await uma(asRo, { ...form, ticket: await ticketed(), resource: 'https://rs.acme.example' }, { token })).status).toBe(200);
  });

  it('A1 a ticket of another resource server than the one named is refused: a client that is handed a foreign ticket can say whom it calls', async () => {
    expect(refusal(await uma(asRo, { ticket: await ticketed(), audience: OTHER_RS.id }))).toEqual(refused(400, 'invalid_target'));
    expect(refusal(await uma(asRo, { ticket: await ticketed(), audience: 'nobody' }))).toEqual(INVALID_REQUEST);
    expect((await uma(asRo, { ticket: await ticketed(), audience: RS.id })).status).toBe(200);
  });

  it('A76 keeps the binding of a user token to its key (Keycloak #52985): the request proves it, and the RPT is bound to it', async () => {
    const key = await clientKey();
    const thumbprint = await jwkThumbprint(publicJwk(fixedKeys.dpop));
    const token = userToken(asRo, { claims: { cnf: { jkt: thumbprint } } });
    const url = `${ISSUER}${TOKEN}`;
    const send = async (headers: Record<string, string>, form: Record<string, string> = {}) => uma(asRo, { ticket: await ticketed(), ...form }, { headers });
    expect(refusal(await send({ Authorization: `DPoP ${token}` }))).toEqual(BAD_USER_TOKEN);
    expect(refusal(await send({ Authorization: `DPoP ${token}`, DPoP: await asRo.proof(await clientKey(fixedKeys.acme), { url }) }))).toEqual(BAD_USER_TOKEN);
    expect(refusal(await send({ Authorization: `Bearer ${token}`, DPoP: await asRo.proof(key, { url }) }))).toEqual(BAD_USER_TOKEN);
    const { status, body } = await send({ Authorization: `DPoP ${token}`, DPoP: await asRo.proof(key, { url }) });
    expect({ status, type: body['token_type'], cnf: claimsOf(body['access_token'])['cnf'] }).toEqual({ status: 200, type: 'DPoP', cnf: { jkt: thumbprint } });
    const form = { grant_type: GRANT_TYPES.umaTicket, client_id: PUBLIC_APP.id, ticket: await ticketed(), subject_token: token };
    expect(refusal(await post(asRo, TOKEN, form))).toEqual(INVALID_GRANT);
    expect((await post(asRo, TOKEN, form, { DPoP: await asRo.proof(key, { url }) })).status).toBe(200);
  });
});

describe('The person’s token in the form', () => {
  const confidential = { grant_type: GRANT_TYPES.umaTicket, client_id: APP.id, client_secret: APP.secret };
  const send = async (form: Record<string, string>) => post(asRo, TOKEN, { ...confidential, ...form, ticket: await ticketFor(await sharedWithCarol(asRo)) });

  it('may be an access token as subject_token, or an ID token as subject_token or claim_token', async () => {
    const access = userToken(asRo, { claims: { client_id: APP.id } });
    const id = idToken(asRo, { aud: APP.id });
    for (const form of [{ subject_token: access }, { subject_token: id }, { claim_token: id }, { claim_token: id, claim_token_format: ID_TOKEN_FORMAT }]) {
      expect((await send(form)).status).toBe(200);
    }
  });

  it('A5 is refused when it is an ID token for another client (Keycloak #46717), or no ID token where one belongs', async () => {
    for (const form of [
      { claim_token: idToken(asRo) },
      { subject_token: idToken(asRo) },
      { claim_token: idToken(asRo, { aud: [APP.id, PUBLIC_APP.id] }) },
      { claim_token: idToken(asRo, { aud: APP.id, azp: PUBLIC_APP.id }) },
      { claim_token: userToken(asRo, { claims: { client_id: APP.id } }) },
    ]) {
      expect(refusal(await send(form))).toEqual(INVALID_GRANT);
    }
  });

  it('is one: two tokens of persons are a malformed request', async () => {
    const access = userToken(asRo, { claims: { client_id: APP.id } });
    expect(refusal(await send({ subject_token: access, claim_token: idToken(asRo, { aud: APP.id }) }))).toEqual(INVALID_REQUEST);
  });

  it('A25 claims that a client pushes beside a user token count for nothing: the request is refused (Keycloak CVE-2026-18572)', async () => {
    const access = userToken(asRo, { claims: { client_id: APP.id } });
    const pushed = Buffer.from(JSON.stringify({ 'kc.time.date_time': ['2020-01-01 00:00:00'], email: [ALICE], acr: ['phr'] })).toString('base64');
    for (const claim_token of [pushed, Buffer.from('{}').toString('base64'), userToken(asRo)]) {
      expect(refusal(await send({ subject_token: access, claim_token, claim_token_format: JWT_FORMAT }))).toEqual(INVALID_REQUEST);
    }
    // Without a user token the format means what UMA means by it: a token of the person's own domain.
    expect((await send({ claim_token: pushed, claim_token_format: JWT_FORMAT })).body['error']).not.toBe(undefined);
    expect((await send({ claim_token: pushed, claim_token_format: JWT_FORMAT })).body['access_token']).toBe(undefined);
  });

  it('A25 time and sign-in are what the server and the token say, whatever an enforcer or a client adds', async () => {
    const facts = { acr: ['phr'], 'kc.time.date_time': ['2036-01-01 00:00:00'], time: ['2036-01-01 00:00:00'] };
    const ticket = async (share: Record<string, unknown>) => {
      const id = await sharedWithCarol(asRo, {}, share);
      return String((await asRo.api('POST', PERMISSION, [{ resource_id: id, resource_scopes: ['view'], claims: facts }])).body['ticket']);
    };
    const tomorrow = new Date((asRo.clock.now() + 86_400) * 1000).toISOString();
    const pushed = { time: '2036-01-01 00:00:00', acr: 'phr', 'kc.time.date_time': '2036-01-01 00:00:00' };
    expect(refusal(await uma(asRo, { ticket: await ticket({ not_before: tomorrow }), ...pushed }))).toEqual(NOT_AUTHORIZED);
    expect(refusal(await uma(asRo, { ticket: await ticket({ conditions: { acr_values: ['phr'] } }), ...pushed }))).toEqual(NOT_AUTHORIZED);
    const strong = userToken(asRo, { claims: { acr: 'phr' } });
    expect((await uma(asRo, { ticket: await ticket({ conditions: { acr_values: ['phr'] } }) }, { token: strong })).status).toBe(200);
  });
});

describe('The client credentials grant of the alias', () => {
  it('gives a PAT to a resource server that asks as Keycloak’s clients ask [F2]', async () => {
    const form = { grant_type: GRANT_TYPES.clientCredentials, client_id: RS.id, client_secret: RS.secret };
    for (const scope of [undefined, 'openid', 'openid uma_protection']) {
      const { status, body } = await post(asRo, TOKEN, { ...form, scope });
      expect({ status, type: body['token_type'], policy: body['not-before-policy'] }).toEqual({ status: 200, type: 'Bearer', policy: 0 });
      expect((await asRo.api('GET', '/resource', undefined, String(body['access_token']))).status).toBe(200);
    }
  });

  it('A22 gives no scope that is not registered', async () => {
    const form = { grant_type: GRANT_TYPES.clientCredentials, client_id: RS.id, client_secret: RS.secret, scope: 'admin' };
    expect(refusal(await post(asRo, TOKEN, form))).toEqual(refused(400, 'invalid_scope'));
  });

  it('other grants are not there', async () => {
    for (const grant_type of ['password', 'refresh_token', 'authorization_code', 'urn:ietf:params:oauth:grant-type:token-exchange']) {
      expect(refusal(await post(asRo, TOKEN, { grant_type, client_id: PUBLIC_APP.id }))).toEqual(refused(400, 'unsupported_grant_type'));
    }
  });
});

it('A78 no token, address or secret is in the log', () => {
  expect(secretsInLogs()).toEqual([]);
});
