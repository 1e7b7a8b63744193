import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createMemoryStores } from '@uma-federation/persistence';
import { FakeClock, fixedKeys } from '@uma-federation/testing';
import { DiscoveryFailure, GRANT_TYPES, TOKEN_TYPE_URNS, type ProtectionRefreshTokens } from '@uma-federation/uma-core';
import { createHash } from 'node:crypto';
import { asRoConfiguration } from '../src/index.ts';
import { ALICE, ANNA, AsRoUnderTest, clientKey, ISSUER, OWNER_PROVIDER, readToken, secretsInLogs, stopAll } from './harness.ts';
import { INVALID_GRANT, INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { APP, BOOKS_RS, PHOTOS_RS, PUBLIC_APP, RS, type TestClient } from './support/clients.ts';
import { accessTokenAt, atProvider, exchange, idTokenAt, patOf, type Forgery } from './support/owners-tokens.ts';
import { writesAmong } from './support/watch-stores.ts';

const settings = { personalProtectionTokens: { enabled: true } };
let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start({ settings });
});
beforeEach(() => {
  asRo.stores.calls.length = 0;
});
afterAll(stopAll);

const ACCESS_TOKEN = TOKEN_TYPE_URNS.accessToken;
const INVALID_TOKEN = refused(401, 'invalid_token');
const refresh = (token: string, form: Record<string, string> = {}, server: TestClient = PHOTOS_RS) =>
  asRo.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: token, ...form }, { client: server });
const asOwner = async (method: string, path: string, owner = ALICE) => asRo.api(method, `/owner/resource-servers${path}`, undefined, await asRo.ownerToken(owner));
const list = (pat: string) => asRo.api('GET', '/resource', undefined, pat);

describe('The settings of PATs of persons', () => {
  const shop = { clientId: 'shop', clientSecret: 'a secret of at least thirty-two characters', resourceServer: { identifier: 'https://shop.example', baseUris: ['https://shop.example'] } };
  const parse = (clientIds: string[], resourceServer: object = {}, enabled = true) =>
    asRoConfiguration.safeParse({
      ...{ issuer: ISSUER, emailDomains: ['acme.example'], keyFile: 'k', contextKeyFile: 'c', database: { url: 'postgres://x' } },
      owners: { identityProvider: OWNER_PROVIDER, clientIds },
      clients: [{ ...shop, resourceServer: { ...shop.resourceServer, ...resourceServer } }],
      personalProtectionTokens: { enabled },
    });

  it('let no RS sign owners in as a client whose ID tokens open the owner API', () => {
    expect(parse(['portal']).success).toBe(true);
    expect(parse(['portal', 'shop'], { providerClientId: 'shop-at-id' }).success).toBe(true);
    for (const refusedOne of [parse(['portal', 'shop']), parse(['portal'], { providerClientId: 'portal' })]) {
      expect(refusedOne.error?.issues).toEqual([expect.objectContaining({ path: ['owners', 'clientIds'] })]);
    }
    expect(parse(['portal', 'shop'], {}, false).success).toBe(true);
  });
});

describe('A PAT of a person (Federated Authorization 1.3; RFC 8693)', () => {
  it.each([
    ['ID token', TOKEN_TYPE_URNS.idToken, (server: TestClient) => idTokenAt(asRo, server)],
    ['access token', ACCESS_TOKEN, (server: TestClient) => accessTokenAt(asRo, server)],
  ])('is given for the owner’s %s, and names owner, RS and this server [F4, F5]', async (_kind, type, token) => {
    for (const server of [PHOTOS_RS, BOOKS_RS]) {
      const answer = await exchange(asRo, { subject_token: token(server), subject_token_type: type, requested_token_type: ACCESS_TOKEN }, { server });
      const { status, body, headers } = answer;
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
      expect(body).toEqual({
        access_token: expect.any(String),
        issued_token_type: ACCESS_TOKEN,
        token_type: 'Bearer',
        expires_in: 3600,
        scope: 'uma_protection',
        refresh_token: expect.stringMatching(/^urp_[A-Za-z0-9_-]{43}$/),
      });
      const { header, claims } = readToken(String(body['access_token']));
      const now = asRo.clock.now();
      expect(header).toMatchObject({ typ: 'at+jwt' });
      expect(claims).toEqual({
        iss: ISSUER,
        aud: ISSUER,
        sub: ALICE,
        client_id: server.id,
        scope: 'uma_protection',
        consent: expect.stringMatching(/^cns_/),
        iat: now,
        exp: now + 3600,
        jti: expect.any(String),
      });
    }
  });

  it('works without requested_token_type and scope, and for this server by name', async () => {
    expect((await exchange(asRo, { scope: undefined })).status).toBe(200);
    expect((await exchange(asRo, { resource: ISSUER, audience: ISSUER })).status).toBe(200);
  });

  it('registers resources of its owner, without and with the member owner [F5, F9]', async () => {
    const pat = await patOf(asRo);
    for (const description of [{ resource_scopes: ['view'] }, { resource_scopes: ['view'], owner: 'alice@ACME.example' }]) {
      const { status, body } = await asRo.api('POST', '/resource', description, pat);
      expect(status).toBe(201);
      expect((await asRo.api('GET', `/resource/${body['_id']}`, undefined, pat)).body['owner']).toBe(ALICE);
    }
    expect((await asRo.api('POST', '/resource', { resource_scopes: ['view'] }, await patOf(asRo, ALICE, BOOKS_RS))).status).toBe(201);
  });

  it('is bound to the key that the exchange proved [A76]', async () => {
    const dpop = await clientKey();
    const { body } = await exchange(asRo, {}, { dpop });
    const pat = String(body['access_token']);
    expect({ type: body['token_type'], cnf: readToken(pat).claims['cnf'] }).toEqual({ type: 'DPoP', cnf: { jkt: dpop.thumbprint } });
    expect(refusal(await list(pat))).toEqual(INVALID_TOKEN);
    const proof = await asRo.proof(dpop, { method: 'GET', url: `${ISSUER}/resource`, accessToken: pat });
    expect((await asRo.send('/resource', { headers: { Authorization: `DPoP ${pat}`, DPoP: proof } })).status).toBe(200);
  });

  it('is good at the protection API alone: not at the owner API, AS-RO’s own resources or the token endpoint', async () => {
    const pat = await patOf(asRo);
    for (const path of ['/owner/resources', '/owner/resource-servers', '/persisted-claims']) expect(refusal(await asRo.api('GET', path, undefined, pat))).toMatchObject({ status: 401, error: 'invalid_token' });
    const form = { grant_type: GRANT_TYPES.clientCredentials };
    expect(refusal(await asRo.post('/token', form, { Authorization: `Bearer ${pat}` }))).toEqual(refused(401, 'invalid_client'));
    const note = await asRo.sharedNote();
    expect((await asRo.redeem({ ticket: note.ticket, claim_token: pat })).status).toBe(403);
  });

  it('comes without a refresh token when the RS is not registered for that grant', async () => {
    const plain = { clientId: 'rs-plain', clientSecret: 'x'.repeat(40), grantTypes: [GRANT_TYPES.tokenExchange], scopes: ['uma_protection'], resourceServer: { identifier: 'https://plain.example', baseUris: ['https://plain.example'] } };
    const server = await AsRoUnderTest.start({ settings: { ...settings, clients: [plain] } });
    const answer = await exchange(server, {}, { server: { id: 'rs-plain', secret: 'x'.repeat(40), configuration: {} } });
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('refresh_token');
  });
});

describe('A subject token', () => {
  const ofTypes: readonly [string, string, (forgery: Forgery) => string][] = [
    ['ID token', TOKEN_TYPE_URNS.idToken, (forgery) => idTokenAt(asRo, PHOTOS_RS, ALICE, forgery)],
    ['access token', ACCESS_TOKEN, (forgery) => accessTokenAt(asRo, PHOTOS_RS, ALICE, forgery)],
  ];
  const now = 1_800_000_000;
  describe.each(ofTypes)('that is an %s', (kind, type, make) => {
    it.each<[string, Forgery]>([
      ['issued to another client', kind === 'ID token' ? { claims: { aud: 'owner-portal' } } : { claims: { client_id: 'owner-portal' } }],
      ['for another audience', { claims: { aud: 'https://as.globex.example' } }],
      ['with another authorized party', kind === 'ID token' ? { claims: { azp: 'owner-portal' } } : { claims: { client_id: BOOKS_RS.id } }],
      ['of another issuer', { claims: { iss: 'https://id.globex.example' } }],
      ['signed by another key', { key: fixedKeys.evil }],
      ['signed by our own key', { key: fixedKeys.acme, header: { kid: fixedKeys.acme.kid } }],
      ['of another type', { header: { typ: kind === 'ID token' ? 'at+jwt' : 'JWT' } }],
      ['whose time is over', { claims: { iat: now - 1000, exp: now - 61 } }],
      ['of an address that is not verified', { claims: { email_verified: false } }],
      ['without an address', { claims: { email: undefined } }],
      ['of an address of another domain', { claims: { email: 'alice@globex.example' } }],
      ['that somebody else may act with', { claims: { may_act: { sub: 'another' } } }],
      ['of a key that is not proven', { claims: { cnf: { jkt: 'k'.repeat(43) } } }],
    ])('is refused %s, and no consent is made', async (_what, forgery) => {
      const answer = await exchange(asRo, { subject_token: make(forgery), subject_token_type: type });
      expect(refusal(answer)).toEqual(INVALID_REQUEST);
      expect(writesAmong(asRo.stores.calls)).toEqual([]);
    });

    it('may name who may act with it: the RS', async () => {
      expect((await exchange(asRo, { subject_token: make({ claims: { may_act: { sub: PHOTOS_RS.id } } }), subject_token_type: type })).status).toBe(200);
    });
  });

  it('bound to a key is good with a proof of that key', async () => {
    const dpop = await clientKey();
    const token = accessTokenAt(asRo, PHOTOS_RS, ALICE, { claims: { cnf: { jkt: dpop.thumbprint } } });
    expect((await exchange(asRo, { subject_token: token, subject_token_type: ACCESS_TOKEN }, { dpop })).status).toBe(200);
  });

  it('names the RS as the OpenID Provider calls it, and not otherwise', async () => {
    const byOwnId = idTokenAt(asRo, BOOKS_RS, ALICE, { claims: { aud: BOOKS_RS.id } });
    expect(refusal(await exchange(asRo, { subject_token: byOwnId }, { server: BOOKS_RS }))).toEqual(INVALID_REQUEST);
    expect(atProvider(BOOKS_RS)).not.toBe(BOOKS_RS.id);
    expect(refusal(await exchange(asRo, { subject_token: idTokenAt(asRo, BOOKS_RS) }, { server: PHOTOS_RS }))).toEqual(INVALID_REQUEST);
  });

  it('that is an access token is for this server as the OpenID Provider calls it, where a setting says how', async () => {
    const named = await AsRoUnderTest.start({ settings: { personalProtectionTokens: { enabled: true, accessTokenAudience: 'urn:acme:as-ro' } } });
    const by = (aud: string | string[]) => exchange(named, { subject_token: accessTokenAt(named, PHOTOS_RS, ALICE, { claims: { aud } }), subject_token_type: ACCESS_TOKEN });
    expect((await by('urn:acme:as-ro')).status).toBe(200);
    expect((await by(['urn:acme:other', 'urn:acme:as-ro'])).status).toBe(200);
    expect(refusal(await by(ISSUER))).toEqual(INVALID_REQUEST);
  });

  it('is no PAT, RPT, ticket, opaque token or JWT of no kind', async () => {
    const note = await asRo.sharedNote();
    const rpt = String((await asRo.access(await asRo.sharedNote())).body['access_token']);
    for (const token of [await asRo.pat(), await patOf(asRo), rpt, note.ticket, note.resourceClaimsToken, 'opaque', 'a.b.c']) {
      for (const subject_token_type of [ACCESS_TOKEN, TOKEN_TYPE_URNS.idToken]) {
        expect(refusal(await exchange(asRo, { subject_token: token, subject_token_type }))).toEqual(INVALID_REQUEST);
      }
    }
  });

  it('cannot be judged while the provider’s keys cannot be had: 503 with Retry-After', async () => {
    const find = async (): Promise<never> => {
      throw new DiscoveryFailure('peer_timeout');
    };
    const down = await AsRoUnderTest.start({ settings, overrides: { ownerProvider: { issuer: OWNER_PROVIDER, endpoint: async () => '', keys: { find } } } });
    const answer = await exchange(down);
    expect(refusal(answer)).toEqual(refused(503, 'temporarily_unavailable'));
    expect(answer.headers['retry-after']).toBe('5');
  });
});

describe('A request for a PAT of a person', () => {
  it.each([
    ['no subject_token', { subject_token: undefined }],
    ['no subject_token_type', { subject_token_type: undefined }],
    ['a short name as type', { subject_token_type: 'id_token' }],
    ['a JWT that is nothing in particular', { subject_token_type: TOKEN_TYPE_URNS.jwt }],
    ['a refresh token as type', { subject_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }],
    ['a JWT requested', { requested_token_type: TOKEN_TYPE_URNS.jwt }],
    ['a refresh token requested', { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }],
    ['actor_token_type without actor_token', { actor_token_type: TOKEN_TYPE_URNS.jwt }],
    ['an actor token: the OAuth profile is switched off', { actor_token: 'x', actor_token_type: TOKEN_TYPE_URNS.jwt }],
    ['two subject tokens', { subject_token: ['x', 'y'] }],
  ])('with %s is refused', async (_what, form) => {
    expect(refusal(await exchange(asRo, form))).toEqual(INVALID_REQUEST);
  });

  it.each(['admin', 'uma_protection admin'])('for the scope %j is refused', async (scope) => {
    expect(refusal(await exchange(asRo, { scope }))).toEqual(refused(400, 'invalid_scope'));
  });

  it.each([{ resource: 'https://as.globex.example' }, { audience: 'rs-acme' }, { resource: [ISSUER, 'https://photos.example'] }])('for the target %j is refused', async (form) => {
    expect(refusal(await exchange(asRo, form))).toEqual(refused(400, 'invalid_target'));
  });

  it.each([RS, APP, PUBLIC_APP])('by a client that is not registered for the grant is refused ($id)', async (server) => {
    expect(refusal(await exchange(asRo, {}, { server }))).toEqual(refused(400, 'unauthorized_client'));
  });

  it('by a client that is public, no resource server, or not registered for the scope is refused', async () => {
    const secret = 'y'.repeat(40);
    const resourceServer = { identifier: 'https://x.example', baseUris: ['https://x.example'] };
    const common = { grantTypes: [GRANT_TYPES.tokenExchange], scopes: ['uma_protection'] };
    const clients = [
      { clientId: 'public-rs', public: true, ...common, resourceServer },
      { clientId: 'no-rs', clientSecret: secret, ...common },
      { clientId: 'no-scope', clientSecret: secret, ...common, scopes: [], resourceServer },
    ];
    const server = await AsRoUnderTest.start({ settings: { ...settings, clients } });
    const by = async (id: string, ownSecret: string | undefined) => refusal(await exchange(server, {}, { server: { id, secret: ownSecret, configuration: {} } }));
    expect(await by('public-rs', undefined)).toEqual(refused(400, 'unauthorized_client'));
    expect(await by('no-rs', secret)).toEqual(refused(400, 'unauthorized_client'));
    expect(await by('no-scope', secret)).toEqual(refused(400, 'invalid_scope'));
    expect(writesAmong(server.stores.calls)).toEqual([]);
  });

  it('with a wrong secret, or none, is refused, though the subject token is good', async () => {
    const impostor = { ...PHOTOS_RS, secret: 'wrong' };
    expect(refusal(await exchange(asRo, { subject_token: idTokenAt(asRo) }, { server: impostor }))).toEqual(refused(401, 'invalid_client'));
    expect(refusal(await exchange(asRo, {}, { method: 'none' }))).toEqual(refused(401, 'invalid_client'));
  });

  it('is one of an unsupported grant type unless a setting allows it, and so is a refresh', async () => {
    const off = await AsRoUnderTest.start();
    expect(refusal(await exchange(off))).toEqual(refused(400, 'unsupported_grant_type'));
    expect(refusal(await off.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: 'urp_x' }, { client: PHOTOS_RS }))).toEqual(refused(400, 'unsupported_grant_type'));
    const onlyProfile = await AsRoUnderTest.start({ settings: { oauthProfile: true } });
    expect(refusal(await exchange(onlyProfile))).toEqual(INVALID_REQUEST);
  });

  it('shows in the metadata: both grants, and no profile', async () => {
    const { body } = await asRo.send('/.well-known/uma2-configuration');
    expect(body['grant_types_supported']).toEqual([GRANT_TYPES.umaTicket, 'client_credentials', GRANT_TYPES.tokenExchange, 'refresh_token']);
    expect(body['uma_profiles_supported']).toEqual(['urn:uma-federation:profile:correlated-authorization']);
  });
});

describe('The refresh token of a PAT: the PAT is usable while the owner is away (Federated Authorization 1.3)', () => {
  const first = async (server = PHOTOS_RS): Promise<string> => String((await exchange(asRo, {}, { server })).body['refresh_token']);

  it('gives the next PAT of the same owner, and the next refresh token, long after the sign-in', async () => {
    const token = await first();
    asRo.clock.advance(29 * 86_400);
    const { status, body, headers } = await refresh(token, { scope: 'uma_protection' });
    expect({ status, cache: headers['cache-control'] }).toEqual({ status: 200, cache: 'no-store' });
    expect(readToken(String(body['access_token'])).claims).toMatchObject({ sub: ALICE, client_id: PHOTOS_RS.id, scope: 'uma_protection' });
    expect((await list(String(body['access_token']))).status).toBe(200);
    asRo.clock.advance(29 * 86_400);
    expect((await refresh(String(body['refresh_token']))).status).toBe(200);
  });

  it('is used once: presented again it ends its line', async () => {
    const token = await first();
    const { body } = await refresh(token);
    expect(refusal(await refresh(token))).toEqual(INVALID_GRANT);
    expect(refusal(await refresh(String(body['refresh_token'])))).toEqual(INVALID_GRANT);
    expect((await list(String(body['access_token']))).status).toBe(200);
  });

  it('ends when nobody uses it', async () => {
    const token = await first();
    asRo.clock.advance(30 * 86_400);
    expect(refusal(await refresh(token))).toEqual(INVALID_GRANT);
  });

  it('is good for the RS that got it, and for no other; unknown, foreign and made-up ones look the same', async () => {
    const token = await first();
    for (const answer of [await refresh(token, {}, BOOKS_RS), await refresh(`urp_${'A'.repeat(43)}`), await refresh('urp_'), await refresh('x'), await refresh(await patOf(asRo))]) {
      expect(refusal(answer)).toEqual(INVALID_GRANT);
    }
    expect((await refresh(token)).status).toBe(200);
  });

  it('gives no other scope, and nothing without a token', async () => {
    const token = await first();
    expect(refusal(await refresh(token, { scope: 'admin' }))).toEqual(refused(400, 'invalid_scope'));
    expect(refusal(await refresh('', {}))).toEqual(INVALID_REQUEST);
    expect((await refresh(token)).status).toBe(200);
  });

  it('is revoked by the RS that has it (RFC 7009), and by no other', async () => {
    const token = await first();
    const revoke = (client: TestClient) => asRo.post('/revoke', { token, client_id: client.id, client_secret: client.secret });
    expect(refusal(await revoke(BOOKS_RS))).toEqual(INVALID_REQUEST);
    expect((await revoke(PHOTOS_RS)).status).toBe(200);
    expect(refusal(await refresh(token))).toEqual(INVALID_GRANT);
    expect((await revoke(PHOTOS_RS)).status).toBe(200);
  });

  it('is kept as a hash', async () => {
    const given: unknown[] = [];
    const memory = createMemoryStores(new FakeClock());
    const protectionRefreshTokens: ProtectionRefreshTokens = {
      keep: (token) => memory.protectionRefreshTokens.keep(token).finally(() => given.push(token)),
      rotate: (...parameters) => memory.protectionRefreshTokens.rotate(...parameters).finally(() => given.push(parameters)),
      revoke: (...parameters) => memory.protectionRefreshTokens.revoke(...parameters),
    };
    const spied = await AsRoUnderTest.start({ settings, overrides: { stores: { ...memory, protectionRefreshTokens, readiness: [], close: async () => undefined } } });
    const token = String((await exchange(spied)).body['refresh_token']);
    const { body } = await spied.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: token }, { client: PHOTOS_RS });
    const hashes = [token, String(body['refresh_token'])].map((each) => createHash('sha256').update(each).digest('base64url'));
    expect(given).toMatchObject([{ hash: hashes[0] }, [{ hash: hashes[0] }, { hash: hashes[1] }]]);
    expect(JSON.stringify(given)).not.toContain('urp_');
  });
});

describe('The owner’s consent', () => {
  it('is what the owner API shows: since when, last used, by name [F5]', async () => {
    const fresh = await AsRoUnderTest.start({ settings });
    const servers = async (owner = ALICE): Promise<unknown> => (await fresh.api('GET', '/owner/resource-servers', undefined, await fresh.ownerToken(owner))).body['resource_servers'];
    expect(await servers()).toEqual([]);
    await exchange(fresh);
    fresh.clock.advance(60);
    const { body } = await exchange(fresh, {}, { server: BOOKS_RS });
    fresh.clock.advance(60);
    await fresh.tokenRequest({ grant_type: GRANT_TYPES.refreshToken, refresh_token: String(body['refresh_token']) }, { client: BOOKS_RS });
    expect(await servers()).toEqual([
      { id: PHOTOS_RS.id, name: 'Photos', allowed: true, since: '2027-01-15T08:00:00.000Z', last_used_at: '2027-01-15T08:00:00.000Z' },
      { id: BOOKS_RS.id, allowed: true, since: '2027-01-15T08:01:00.000Z', last_used_at: '2027-01-15T08:02:00.000Z' },
    ]);
    expect(await servers(ANNA)).toEqual([]);
  });

  it('ends at once with everything that rests on it: PATs, refresh tokens, and new exchanges', async () => {
    const { body } = await exchange(asRo);
    const [pat, refreshToken] = [String(body['access_token']), String(body['refresh_token'])];
    const [annas, books] = [await patOf(asRo, ANNA), await patOf(asRo, ALICE, BOOKS_RS)];
    expect((await list(pat)).status).toBe(200);
    const removal = await asOwner('DELETE', `/${PHOTOS_RS.id}`);
    expect({ status: removal.status, text: removal.text }).toEqual({ status: 204, text: '' });

    for (const [method, path, json] of [['GET', '/resource', undefined], ['POST', '/resource', { resource_scopes: [] }], ['GET', '/resource/res_1', undefined], ['PUT', '/resource/res_1', { resource_scopes: [] }], ['DELETE', '/resource/res_1', undefined], ['POST', '/permission', { resource_id: 'x', resource_scopes: [] }], ['GET', '/revocations', undefined]] as const) {
      const answer = await asRo.api(method, path, json, pat);
      expect(refusal(answer)).toEqual(INVALID_TOKEN);
      expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    }
    expect(refusal(await asRo.post('/introspect', { token: 'x' }, { Authorization: `Bearer ${pat}` }))).toEqual(INVALID_TOKEN);
    expect(refusal(await refresh(refreshToken))).toEqual(INVALID_GRANT);
    expect(refusal(await exchange(asRo))).toEqual(INVALID_REQUEST);
    expect(refusal(await exchange(asRo, { subject_token: accessTokenAt(asRo), subject_token_type: ACCESS_TOKEN }))).toEqual(INVALID_REQUEST);
    for (const other of [annas, books]) expect((await list(other)).status).toBe(200);
    expect((await asOwner('GET', '')).body['resource_servers'][0]).toMatchObject({ id: PHOTOS_RS.id, allowed: false, ended_at: expect.any(String) });
    expect((await asOwner('DELETE', `/${PHOTOS_RS.id}`)).status).toBe(204);
  });

  it('is given again by the owner alone, and wakes no token of the ended one', async () => {
    const { body } = await exchange(asRo, { subject_token: idTokenAt(asRo, PHOTOS_RS, ANNA) });
    await asOwner('DELETE', `/${PHOTOS_RS.id}`, ANNA);
    const again = await asOwner('PUT', `/${PHOTOS_RS.id}`, ANNA);
    expect({ status: again.status, body: again.body }).toEqual({ status: 200, body: { id: PHOTOS_RS.id, name: 'Photos', allowed: true, since: expect.any(String) } });
    expect(refusal(await list(String(body['access_token'])))).toEqual(INVALID_TOKEN);
    expect(refusal(await refresh(String(body['refresh_token'])))).toEqual(INVALID_GRANT);
    const pat = await patOf(asRo, ANNA);
    expect((await list(pat)).status).toBe(200);
    expect((await asOwner('PUT', `/${PHOTOS_RS.id}`, ANNA)).status).toBe(200);
    expect((await list(pat)).status).toBe(200);
  });

  it('with a name that is a URL is found under its encoded name', async () => {
    await patOf(asRo, ANNA, BOOKS_RS);
    expect((await asOwner('DELETE', `/${encodeURIComponent(BOOKS_RS.id)}`, ANNA)).status).toBe(204);
    expect((await asOwner('PUT', `/${encodeURIComponent(BOOKS_RS.id)}`, ANNA)).body['id']).toBe(BOOKS_RS.id);
  });

  it('is nobody else’s to end or to give: there is none to be seen [A29]', async () => {
    await patOf(asRo, ANNA);
    for (const method of ['DELETE', 'PUT']) {
      for (const [path, owner] of [[`/${PHOTOS_RS.id}`, 'carol@acme.example'], [`/${RS.id}`, ALICE], ['/nobody', ALICE], ['/__proto__', ALICE]] as const) {
        expect(refusal(await asOwner(method, path, owner))).toEqual(refused(404, 'not_found'));
      }
    }
  });

  it('puts its beginning and its end on the record', async () => {
    const fresh = await AsRoUnderTest.start({ settings });
    await exchange(fresh);
    for (const method of ['DELETE', 'PUT']) await fresh.api(method, `/owner/resource-servers/${PHOTOS_RS.id}`, undefined, await fresh.ownerToken());
    expect(fresh.memory.audit.map(({ event, data }) => [event, data['resource_server']])).toEqual([['consent_given', PHOTOS_RS.id], ['consent_ended', PHOTOS_RS.id], ['consent_given', PHOTOS_RS.id]]);
  });

  it('is looked up each time: when the store fails, the protection API fails', async () => {
    const pat = await patOf(asRo, ANNA);
    asRo.stores.failures.set('consents.holds', new Error('gone'));
    const answer = await list(pat);
    asRo.stores.failures.clear();
    expect(answer.status).toBe(500);
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
  expect(asRo.log.handedOver.join('\n')).not.toContain('urp_');
});
