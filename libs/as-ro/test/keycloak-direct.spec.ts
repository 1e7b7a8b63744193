import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GRANT_TYPES } from '@uma-federation/uma-core';
import { ALICE, ANNA, type AsRoUnderTest, JWT_FORMAT, readToken, secretsInLogs, stopAll } from './harness.ts';
import { INVALID_REQUEST, refusal, refused } from './support/answers.ts';
import { APP, NO_RS, OTHER_RS, PUBLIC_APP, RS } from './support/clients.ts';
import { CAROL, listOf, post, sharedWithCarol, startWithAlias, TOKEN, uma, userToken } from './support/keycloak.ts';
import { writesAmong } from './support/watch-stores.ts';

const NOT_AUTHORIZED = refused(403, 'access_denied');
const INVALID_RESOURCE = refused(400, 'invalid_resource');
const INVALID_SCOPE = refused(400, 'invalid_scope');

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await startWithAlias();
});
afterAll(stopAll);

type Extra = Readonly<Record<string, string | readonly string[] | undefined>>;
/** Asks without a ticket for permissions at the gateway. */
const ask = (permission?: string | readonly string[], extra: Extra = {}) => uma(asRo, { audience: RS.id, permission, ...extra });
const list = async (permission?: string | readonly string[], extra: Extra = {}) => listOf(await ask(permission, { response_mode: 'permissions', ...extra }));
const claimsOf = (token: unknown) => readToken(String(token)).claims;
/** A name that no other resource of this file has. */
let names = 0;
const freshName = () => `resource ${(names += 1)}`;

describe('permission= and audience=, with the person’s access token', () => {
  it('gives an RPT for what the owner’s shares permit, and records it', async () => {
    const name = freshName();
    const id = await sharedWithCarol(asRo, { name });
    const { status, body } = await ask(`${id}#view`);
    expect({ status, upgraded: body['upgraded'] }).toEqual({ status: 200, upgraded: false });
    expect(claimsOf(body['access_token'])).toMatchObject({
      aud: 'https://rs.acme.example',
      sub: CAROL,
      client_id: PUBLIC_APP.id,
      permissions: [{ resource_id: id, resource_scopes: ['view'] }],
      authorization: { permissions: [{ rsid: id, rsname: name, scopes: ['view'] }] },
    });
    expect(asRo.memory.audit.filter(({ event }) => event === 'token_granted').at(-1)?.data).toMatchObject({ requestingParty: CAROL, owner: ALICE, resourceServer: RS.id });
  });

  it('gives it once more for the same request: nothing is used up', async () => {
    const id = await sharedWithCarol(asRo);
    const tokens = await Promise.all([ask(`${id}#view`), ask(`${id}#view`)]);
    expect(new Set(tokens.map(({ body }) => String(body['access_token']))).size).toBe(2);
  });

  it('takes the previous RPT along, which then ends; A21 not one of another person [G29, G31]', async () => {
    const [first, second] = [await sharedWithCarol(asRo), await sharedWithCarol(asRo)];
    const { body } = await ask(`${first}#view`);
    const rpt = String(body['access_token']);
    const dora = userToken(asRo, { claims: { email: 'dora@acme.example' } });
    await asRo.share(second, { grantee: { email: 'dora@acme.example' } });
    expect(refusal(await uma(asRo, { audience: RS.id, permission: `${second}#view`, rpt }, { token: dora }))).toEqual(refused(400, 'invalid_grant'));
    const upgraded = await ask(`${second}#view`, { rpt });
    expect(upgraded.body['upgraded']).toBe(true);
    expect(claimsOf(upgraded.body['access_token'])['permissions']).toHaveLength(2);
    const introspected = await asRo.post('/introspect', { token: rpt }, { Authorization: `Bearer ${await asRo.pat()}` });
    expect(introspected.text).toBe('{"active":false}');
  });

  it('reads the body as keycloak-js writes it: raw "#", "," and ":", nothing encoded', async () => {
    const id = await sharedWithCarol(asRo, {}, { scopes: ['view', 'print'] });
    const form = `grant_type=${GRANT_TYPES.umaTicket}&client_id=${PUBLIC_APP.id}&audience=${RS.id}&permission=${id}#view,print&response_include_resource_name=true`;
    const { body } = await post(asRo, TOKEN, form, { Authorization: `Bearer ${userToken(asRo)}` });
    expect(claimsOf(body['access_token'])['permissions']).toEqual([{ resource_id: id, resource_scopes: ['view', 'print'] }]);
  });

  it('finds a resource by its id, by its name, and by its URI', async () => {
    const name = freshName();
    const uri = `https://rs.acme.example/things/${names}`;
    const id = await sharedWithCarol(asRo, { name, uri });
    const expected = [{ rsid: id, rsname: name, scopes: ['view'] }];
    expect(await list(`${id}#view`)).toEqual(expected);
    expect(await list(`${name}#view`)).toEqual(expected);
    for (const text of [uri, new URL(uri).pathname]) expect(await list(`${text}#view`, { permission_resource_format: 'uri' })).toEqual(expected);
    expect(refusal(await ask(uri))).toEqual(INVALID_RESOURCE);
  });

  it('without scopes asks for all of them, and gives those that are shared', async () => {
    const id = await sharedWithCarol(asRo, {}, { scopes: ['view', 'edit'] });
    expect(await list(id)).toEqual([{ rsid: id, scopes: ['view', 'edit'] }]);
  });

  it('with a scope alone asks for every resource that has it', async () => {
    const id = await sharedWithCarol(asRo, { resource_scopes: ['audit', 'view'] }, { scopes: ['audit'] });
    await sharedWithCarol(asRo, { resource_scopes: ['audit', 'view'] }, { scopes: ['view'] });
    expect(await list('#audit')).toEqual([{ rsid: id, scopes: ['audit'] }]);
  });

  it('with the audience alone asks for everything that is shared with the person, and no more', async () => {
    const asker = userToken(asRo, { claims: { email: ANNA } });
    const mine = await asRo.register({ owner: ALICE });
    await asRo.share(mine, { grantee: { email: ANNA } });
    const everybodys = await asRo.register({ owner: ALICE });
    await asRo.share(everybodys, { grantee: { domain: 'acme.example' } });
    const answer = await uma(asRo, { audience: RS.id, response_mode: 'permissions' }, { token: asker });
    expect(listOf(answer)).toEqual([
      { rsid: mine, scopes: ['view'] },
      { rsid: everybodys, scopes: ['view'] },
    ]);
    const limited = await uma(asRo, { audience: RS.id, response_mode: 'permissions', response_permissions_limit: '1' }, { token: asker });
    expect(listOf(limited)).toHaveLength(1);
  });

  it('answers a decision, and writes nothing for it', async () => {
    const id = await sharedWithCarol(asRo);
    asRo.stores.calls.length = 0;
    expect((await ask(`${id}#view`, { response_mode: 'decision' })).body).toEqual({ result: true });
    expect(writesAmong(asRo.stores.calls)).toEqual([]);
    const refusedAnswer = await ask(`${id}#edit`, { response_mode: 'decision' });
    expect(refusal(refusedAnswer)).toEqual(NOT_AUTHORIZED);
    expect(refusedAnswer.body['error_description']).toBe('not_authorized');
  });

  it('a decision is about all that is named: a part of it, or one that a limit leaves out, is none', async () => {
    const [id, unshared] = [await sharedWithCarol(asRo), await asRo.register()];
    const decide = (permission: string | readonly string[], extra: Extra = {}) => ask(permission, { response_mode: 'decision', ...extra });
    expect(refusal(await decide(`${id}#view,edit`))).toEqual(NOT_AUTHORIZED);
    for (const scope of ['', '#view']) {
      expect(refusal(await decide([`${id}${scope}`, `${unshared}${scope}`]))).toEqual(NOT_AUTHORIZED);
      expect(refusal(await decide([`${id}${scope}`, `${unshared}${scope}`], { response_permissions_limit: '1' }))).toEqual(NOT_AUTHORIZED);
    }
    // Who names no scopes asks whether there is any.
    expect((await decide(id)).body).toEqual({ result: true });
  });

  it('A24 answers whoever has no share with a refusal', async () => {
    const id = await asRo.register({ name: freshName() });
    for (const permission of [id, `${id}#view`]) expect(refusal(await ask(permission))).toEqual(NOT_AUTHORIZED);
    const nobody = userToken(asRo, { claims: { email: 'nobody@acme.test' } });
    expect(refusal(await uma(asRo, { audience: OTHER_RS.id }, { token: nobody }))).toEqual(NOT_AUTHORIZED);
  });

  it('gives part of what is named, or nothing where the setting says so', async () => {
    const id = await sharedWithCarol(asRo);
    expect(await list(`${id}#view,edit`)).toEqual([{ rsid: id, scopes: ['view'] }]);
    const strict = await startWithAlias({}, { settings: { partialGrants: false } });
    const other = await sharedWithCarol(strict);
    const named = (permission: string) => uma(strict, { audience: RS.id, permission, response_mode: 'permissions' });
    expect(refusal(await named(`${other}#view,edit`))).toEqual(NOT_AUTHORIZED);
    expect((await named(`${other}#view`)).status).toBe(200);
    // Who names no scopes takes what there is.
    expect((await named(other)).status).toBe(200);
    const unshared = await strict.register();
    expect(refusal(await uma(strict, { audience: RS.id, permission: [other, unshared], response_mode: 'permissions' }))).toEqual(NOT_AUTHORIZED);
  });

  it('an RPT never spans two owners; a list of permissions may', async () => {
    const [first, second] = [await sharedWithCarol(asRo), await asRo.register({ owner: ANNA })];
    await asRo.share(second, { grantee: { email: CAROL } }, ANNA);
    expect(refusal(await ask([`${first}#view`, `${second}#view`]))).toEqual(INVALID_REQUEST);
    expect(await list([`${first}#view`, `${second}#view`])).toHaveLength(2);
  });

  it('a permission without a scope is never written for a resource that has some: enforcers would read it as all', async () => {
    const id = await sharedWithCarol(asRo);
    const challenge = await asRo.challenge({ resource_id: id, resource_scopes: [] });
    const { body } = await uma(asRo, { ticket: challenge.ticket });
    expect(claimsOf(body['access_token'])).toMatchObject({ permissions: [{ resource_id: id, resource_scopes: [] }], authorization: { permissions: [] } });
  });

  it('A22 scopes that the resource lacks, or that the client is not registered for, are refused', async () => {
    const id = await sharedWithCarol(asRo);
    expect(refusal(await ask(`${id}#admin`))).toEqual(INVALID_SCOPE);
    expect(refusal(await ask(`${id}#view`, { scope: 'edit' }))).toEqual(INVALID_SCOPE);
    expect((await ask(`${id}#view`, { scope: 'download' })).status).toBe(200);
  });

  it('a client without a person gets what is shared with whoever comes', async () => {
    const open = await asRo.register();
    await asRo.share(open, { grantee: { anyone: true, unidentified: true } });
    const closed = await sharedWithCarol(asRo);
    const form = { grant_type: GRANT_TYPES.umaTicket, client_id: APP.id, client_secret: APP.secret, audience: RS.id };
    const { body } = await post(asRo, TOKEN, { ...form, permission: `${open}#view` });
    expect(claimsOf(body['access_token'])['sub']).toBe(APP.id);
    expect(refusal(await post(asRo, TOKEN, { ...form, permission: `${closed}#view` }))).toEqual(NOT_AUTHORIZED);
  });
});

describe('A27 a request is not widened by prefixes or types (Keycloak CVE-2026-9799)', () => {
  it('takes every text whole: it is the id or the name of one resource, or of none [F33]', async () => {
    const name = freshName();
    await sharedWithCarol(asRo, { name, type: 'urn:album' });
    await asRo.register({ name: `${name} secret`, type: 'urn:album' });
    const tricks = ['resource-type:urn:album', 'resource-type-any:urn:album', 'resource-type-instance:urn:album', 'resource-type-owner:urn:album', 'urn:album', 'type:urn:album', '*', '%', name.slice(0, -1), `${name} `, name.toUpperCase(), 'res_'];
    for (const trick of tricks) {
      for (const extra of [{}, { permission_resource_format: 'uri' }, { permission_resource_format: 'uri', permission_resource_matching_uri: 'true' }]) {
        expect(refusal(await ask(trick, extra))).toEqual(INVALID_RESOURCE);
      }
    }
    expect(await list(name)).toHaveLength(1);
  });

  it('of several resources with one name it means those that are shared with the person', async () => {
    const name = freshName();
    const mine = await sharedWithCarol(asRo, { name });
    await asRo.register({ name });
    expect(await list(name)).toEqual([{ rsid: mine, rsname: name, scopes: ['view'] }]);
  });

  it('a resource of another resource server is not there', async () => {
    const id = await asRo.register({ owner: ALICE, name: freshName() }, OTHER_RS);
    await asRo.share(id, { grantee: { email: CAROL } });
    expect(refusal(await ask(`${id}#view`))).toEqual(INVALID_RESOURCE);
    expect((await uma(asRo, { audience: OTHER_RS.id, permission: `${id}#view` })).status).toBe(200);
  });
});

describe('matchingUri', () => {
  const matching = { permission_resource_format: 'uri', permission_resource_matching_uri: 'true' };

  it('finds the nearest wildcard above, and the URI itself before any', async () => {
    const wide = await sharedWithCarol(asRo, { uri: 'https://rs.acme.example/m/*' });
    const near = await sharedWithCarol(asRo, { uri: 'https://rs.acme.example/m/n/*' });
    const exact = await sharedWithCarol(asRo, { uri: 'https://rs.acme.example/m/n/1' });
    const found = async (uri: string, extra: Extra = matching) => (await list(`${uri}#view`, extra)).map((permission) => (permission as { rsid: string }).rsid);
    expect(await found('/m/n/1')).toEqual([exact]);
    expect(await found('https://rs.acme.example/m/n/2')).toEqual([near]);
    expect(await found('/m/n/2/3')).toEqual([near]);
    expect(await found('/m/x')).toEqual([wide]);
    expect(await found('/m/*', { permission_resource_format: 'uri' })).toEqual([wide]);
    expect(refusal(await ask('/m/x', { permission_resource_format: 'uri' }))).toEqual(INVALID_RESOURCE);
  });

  it('A79 a nearer resource that is not shared is not passed over for a wider one that is', async () => {
    await sharedWithCarol(asRo, { uri: 'https://rs.acme.example/w/*' });
    await asRo.register({ uri: 'https://rs.acme.example/w/private/*' });
    expect(refusal(await ask('/w/private/1#view', matching))).toEqual(NOT_AUTHORIZED);
    // Other spellings of the same place must not lead to the wider one (Keycloak CVE-2026-15573).
    for (const trick of ['/w/private/1/', '/w//private/1', '/w/x/../private/1', '/w/private;a=b/1', '/w/%70rivate/1', '/w/private%2f1', '/w/private\\1', '//rs.acme.example/w/private/1', '/w/*/1', 'https://rs.acme.example:443/w/private/1', 'https://user@rs.acme.example/w/private/1', 'https://rs.acme.example.evil/w/1']) {
      expect(refusal(await ask(`${trick}#view`, matching))).toEqual(INVALID_RESOURCE);
    }
  });
});

describe('Malformed requests', () => {
  it.each([
    ['neither ticket nor audience', {}],
    ['a ticket and a permission', { audience: RS.id, ticket: 't', permission: 'r' }],
    ['an empty permission', { audience: RS.id, permission: '#' }],
    ['an unknown response mode', { audience: RS.id, response_mode: 'query' }],
    ['an unknown format', { audience: RS.id, permission: 'r', permission_resource_format: 'type' }],
    ['a flag that is none', { audience: RS.id, submit_request: 'yes' }],
    ['a limit of nothing', { audience: RS.id, response_permissions_limit: '0' }],
    ['a limit that is no number', { audience: RS.id, response_permissions_limit: '1e9' }],
    ['an audience that is a client', { audience: NO_RS.id }],
    ['an audience that is not there', { audience: 'nobody' }],
    ['an audience by identifier', { audience: 'https://rs.acme.example' }],
    ['33 permissions', { audience: RS.id, permission: Array.from({ length: 33 }, (_, index) => `r${index}`) }],
    ['A68 a repeated parameter', { audience: [RS.id, RS.id] }],
    ['claims without a ticket that they are for', { audience: RS.id, claim_token: 'c', claim_token_format: JWT_FORMAT }],
    ['a claim token of an unknown format', { audience: RS.id, claim_token: 'c', claim_token_format: 'urn:x' }],
  ] as [string, Extra][])('%s', async (_what, form) => {
    expect(refusal(await uma(asRo, form))).toEqual(INVALID_REQUEST);
  });

  it('A73 scopes that are too many or cannot be scopes', async () => {
    const many = Array.from({ length: 51 }, (_, index) => `s${index}`).join(',');
    for (const permission of [`r#${many}`, 'r#a b', 'r#"']) expect(refusal(await ask(permission))).toEqual(INVALID_SCOPE);
  });
});

it('A78 no token, address or secret is in the log', () => {
  expect(secretsInLogs()).toEqual([]);
});
