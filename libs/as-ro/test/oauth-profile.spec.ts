import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { GRANT_TYPES, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { AsRoUnderTest, BOB, clientKey, ISSUER, readToken, secretsInLogs, stopAll, type Challenge, type IdentityChanges, type TokenRequestOptions } from './harness.ts';
import { INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { APP, CLIENTS, PHOTOS_RS, PROFILE_APP } from './support/clients.ts';
import { exchange } from './support/owners-tokens.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start({ settings: { oauthProfile: true } });
});
beforeEach(() => {
  asRo.log.takeReasons();
});
afterAll(stopAll);

type Form = Readonly<Record<string, string | readonly string[] | undefined>>;
const { jwt, accessToken } = TOKEN_TYPE_URNS;

/** Message 7 in the OAuth profile: the ticket as subject token, the identity claims token as actor token. */
async function exchangeTicket(challenge: Challenge, form: Form = {}, { identity = {}, ...options }: TokenRequestOptions & { identity?: IdentityChanges } = {}) {
  const actorToken = form['actor_token'] ?? (await asRo.identityToken(challenge, { clientId: PROFILE_APP.id, ...identity }));
  const tokens = { subject_token: challenge.ticket, subject_token_type: jwt, actor_token: actorToken, actor_token_type: jwt };
  return asRo.tokenRequest({ grant_type: GRANT_TYPES.tokenExchange, requested_token_type: accessToken, ...tokens, ...form }, { client: PROFILE_APP, ...options });
}

describe('The OAuth profile of Correlated Authorization (protocol.md 1.6; RFC 8693)', () => {
  it('gives an access token for ticket and identity claims token: the RPT of the UMA profile (C10)', async () => {
    const note = await asRo.sharedNote();
    const { status, body, headers } = await exchangeTicket(note);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
    expect(body).toEqual({ access_token: expect.any(String), issued_token_type: accessToken, token_type: 'Bearer', expires_in: 600, scope: 'view' });
    const { header, claims } = readToken(String(body['access_token']));
    expect(header).toMatchObject({ typ: 'at+jwt' });
    expect(claims).toMatchObject({ iss: ISSUER, aud: 'https://rs.acme.example', sub: BOB, client_id: PROFILE_APP.id, permissions: [{ resource_id: note.id, resource_scopes: ['view'] }] });
    expect(claims).not.toHaveProperty('scope');
    const introspection = await asRo.post('/introspect', { token: String(body['access_token']) }, { Authorization: `Bearer ${await asRo.pat()}` });
    expect(introspection.body['active']).toBe(true);
  });

  it('takes requested_token_type as it comes by default, and the RS as resource', async () => {
    expect((await exchangeTicket(await asRo.sharedNote(), { requested_token_type: undefined, resource: 'https://rs.acme.example' })).status).toBe(200);
  });

  it('binds the token to the key that is proven [A76]', async () => {
    const dpop = await clientKey();
    const { body } = await exchangeTicket(await asRo.sharedNote(), {}, { dpop, identity: { confirmationThumbprint: dpop.thumbprint } });
    expect({ type: body['token_type'], cnf: readToken(String(body['access_token'])).claims['cnf'] }).toEqual({ type: 'DPoP', cnf: { jkt: dpop.thumbprint } });
  });

  it('issues neither refresh token nor PCT, and keeps none', async () => {
    const both = await AsRoUnderTest.start({ settings: { oauthProfile: true, refreshTokens: { enabled: true }, clients: CLIENTS.map(({ id, configuration }) => (id === PROFILE_APP.id ? { ...configuration, grantTypes: [GRANT_TYPES.tokenExchange, GRANT_TYPES.refreshToken] } : configuration)) } });
    const note = await both.sharedNote();
    const tokens = { subject_token: note.ticket, subject_token_type: jwt, actor_token: await both.identityToken(note, { clientId: PROFILE_APP.id }), actor_token_type: jwt };
    const { status, body } = await both.tokenRequest({ grant_type: GRANT_TYPES.tokenExchange, ...tokens }, { client: PROFILE_APP });
    expect({ status, members: Object.keys(body) }).toEqual({ status: 200, members: ['access_token', 'issued_token_type', 'token_type', 'expires_in', 'scope'] });
    expect(both.memory.audit.filter(({ event }) => event === 'token_granted').map(({ data }) => data['refreshId'])).toEqual([undefined]);
    expect(await both.memory.persistedClaims.listByPerson(BOB, both.clock.now())).toEqual([]);
  });

  it('says by scope what was granted when that is not all that was asked for', async () => {
    const id = await asRo.register();
    await asRo.share(id, { scopes: ['view'] });
    const { body } = await exchangeTicket(await asRo.challenge({ resource_id: id, resource_scopes: ['view', 'edit'] }));
    expect(body['scope']).toBe('view');
  });

  it('says nothing of scope when there is none [F18]', async () => {
    const id = await asRo.register();
    await asRo.share(id);
    const { status, body } = await exchangeTicket(await asRo.challenge({ resource_id: id, resource_scopes: [] }));
    expect({ status, hasScope: 'scope' in body }).toEqual({ status: 200, hasScope: false });
  });

  it('shows in the metadata', async () => {
    const { body } = await asRo.send('/.well-known/oauth-authorization-server');
    expect(body['grant_types_supported']).toEqual([GRANT_TYPES.umaTicket, 'client_credentials', GRANT_TYPES.tokenExchange]);
    expect(body['uma_profiles_supported']).toEqual(['urn:uma-federation:profile:correlated-authorization', 'urn:uma-federation:profile:correlated-authorization-oauth']);
  });
});

describe('The decision is that of the uma-ticket grant; every refusal of a token is invalid_request (RFC 8693 2.2.2)', () => {
  it.each<[string, IdentityChanges, string]>([
    ['of somebody with whom nothing is shared', { email: 'mallory@globex.example' }, 'oauth_profile_request_denied'],
    ['bound to another ticket', { actor: { ticketHash: 'A'.repeat(43), issuer: ISSUER as never } }, 'oauth_profile_request_denied'],
    ['for another server', { audience: 'https://as.globex.example' }, 'oauth_profile_request_denied'],
    ['of another client [A1]', { clientId: 'other-app' }, 'oauth_profile_request_denied'],
  ])('with an identity claims token %s', async (_what, identity, reason) => {
    expect(refusal(await exchangeTicket(await asRo.sharedNote(), {}, { identity }))).toEqual(INVALID_REQUEST);
    expect(asRo.log.takeReasons()).toContain(reason);
  });

  it('with an actor token that is none', async () => {
    const note = await asRo.sharedNote();
    const forged = asRo.forgeIdentityToken(note, { claims: { client_id: PROFILE_APP.id }, key: fixedKeys.evil });
    for (const actor_token of ['garbage', 'a.b.c', note.resourceClaimsToken, note.ticket, forged, await asRo.ownerToken()]) {
      expect(refusal(await exchangeTicket(await asRo.sharedNote(), { actor_token }))).toEqual(INVALID_REQUEST);
    }
  });

  it('with a subject token that is no ticket, or one that was used, in either profile [A16]', async () => {
    const note = await asRo.sharedNote();
    for (const subject_token of ['garbage', note.resourceClaimsToken, await asRo.pat(), await asRo.ownerToken()]) {
      expect(refusal(await exchangeTicket(note, { subject_token }))).toEqual(INVALID_REQUEST);
    }
    expect((await exchangeTicket(note)).status).toBe(200);
    expect(refusal(await exchangeTicket(note))).toEqual(INVALID_REQUEST);
    expect(refusal(await asRo.redeem({ ticket: note.ticket }))).toEqual(refused(400, 'invalid_grant'));
    const other = await asRo.sharedNote();
    expect((await asRo.access(other)).status).toBe(200);
    expect(refusal(await exchangeTicket(other))).toEqual(INVALID_REQUEST);
    asRo.log.takeReasons();
  });

  it('with an identity claims token that was used [A7]', async () => {
    const note = await asRo.sharedNote();
    const actor_token = await asRo.identityToken(note, { clientId: PROFILE_APP.id });
    expect((await exchangeTicket(note, { actor_token })).status).toBe(200);
    expect(refusal(await exchangeTicket(note, { actor_token }))).toEqual(INVALID_REQUEST);
  });

  it('where the policy needs more: there is no need_info in OAuth; the ticket is used up, and the RS’s next one is good', async () => {
    const id = await asRo.register();
    await asRo.share(id, { conditions: { acr_values: ['otp'] } });
    const permission = { resource_id: id, resource_scopes: ['view'] };
    const challenge = await asRo.challenge(permission);
    const answer = await exchangeTicket(challenge);
    expect(refusal(answer)).toEqual(INVALID_REQUEST);
    expect(asRo.log.takeReasons()).toContain('oauth_profile_need_info');
    expect(refusal(await exchangeTicket(challenge, {}, { identity: { acr: 'otp' } }))).toEqual(INVALID_REQUEST);
    expect((await exchangeTicket(await asRo.challenge(permission), {}, { identity: { acr: 'otp' } })).status).toBe(200);
  });

  it('for another RS as resource is invalid_target, and for a scope that cannot be had invalid_scope', async () => {
    for (const form of [{ resource: 'https://rs2.acme.example/api' }, { audience: 'rs-acme' }]) {
      expect(refusal(await exchangeTicket(await asRo.sharedNote(), form))).toEqual(refused(400, 'invalid_target'));
    }
    expect(refusal(await exchangeTicket(await asRo.sharedNote(), { scope: 'nonsense' }))).toEqual(refused(400, 'invalid_scope'));
  });
});

describe('A request in the OAuth profile', () => {
  it.each<[string, Form]>([
    ['no subject_token', { subject_token: undefined }],
    ['no subject_token_type', { subject_token_type: undefined }],
    ['a subject_token_type other than jwt', { subject_token_type: accessToken }],
    ['no actor_token_type', { actor_token_type: undefined }],
    ['an actor_token_type other than jwt', { actor_token_type: TOKEN_TYPE_URNS.idToken }],
    ['a JWT requested', { requested_token_type: jwt }],
    ['two actor tokens', { actor_token: ['x', 'y'] }],
  ])('with %s is refused, and the ticket is still good', async (_what, form) => {
    const note = await asRo.sharedNote();
    expect(refusal(await exchangeTicket(note, form))).toEqual(INVALID_REQUEST);
    expect((await exchangeTicket(note)).status).toBe(200);
  });

  it('by a client that is not registered for the grant is refused, and the ticket is still good', async () => {
    const note = await asRo.sharedNote();
    expect(refusal(await exchangeTicket(note, {}, { client: APP }))).toEqual(refused(400, 'unauthorized_client'));
    expect((await exchangeTicket(note)).status).toBe(200);
  });

  it('is refused unless a setting allows it', async () => {
    const personal = await AsRoUnderTest.start({ settings: { personalProtectionTokens: { enabled: true } } });
    const form = { subject_token: 'x', subject_token_type: jwt, actor_token: 'y', actor_token_type: jwt };
    expect(refusal(await exchange(personal, form, { server: PHOTOS_RS }))).toEqual(INVALID_REQUEST);
    expect((await exchange(personal, {}, { server: PHOTOS_RS })).status).toBe(200);
    expect((await personal.send('/.well-known/uma2-configuration')).text).not.toContain('oauth"');
    expect((await AsRoUnderTest.start().then((off) => exchange(off, form))).body['error']).toBe('unsupported_grant_type');
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
