import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AsRoUnderTest, ISSUER, stopAll } from './harness.ts';
import { refusal, refused } from './support/answers.ts';
import { asRoConfiguration } from '../src/index.ts';
import { INTROSPECTION, PERMISSION, post, REALM, RESOURCE_SET, sharedWithCarol, startWithAlias, TOKEN, uma, userToken } from './support/keycloak.ts';
import { RS } from './support/clients.ts';

const WEB_APP = 'https://app.acme.example';
const PATHS: readonly (readonly [string, string])[] = [
  ['GET', '/.well-known/uma2-configuration'],
  ['GET', '/.well-known/openid-configuration'],
  ['GET', '/protocol/openid-connect/certs'],
  ['POST', '/protocol/openid-connect/token'],
  ['POST', '/protocol/openid-connect/token/introspect'],
  ['GET', '/authz/protection/resource_set'],
  ['POST', '/authz/protection/permission'],
];

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await startWithAlias({ allowedOrigins: [WEB_APP], accessTokenAudience: 'account' });
});
afterAll(stopAll);

describe('The documents of the realm', () => {
  it.each(['uma2-configuration', 'openid-configuration'])('%s names the endpoints where Keycloak has them, and AS-RO’s own issuer', async (name) => {
    const { status, body, headers } = await asRo.send(`${REALM}/.well-known/${name}`);
    expect({ status, origin: headers['access-control-allow-origin'] }).toEqual({ status: 200, origin: '*' });
    expect(body).toMatchObject({
      issuer: ISSUER,
      token_endpoint: `${ISSUER}${TOKEN}`,
      introspection_endpoint: `${ISSUER}${INTROSPECTION}`,
      token_introspection_endpoint: `${ISSUER}${INTROSPECTION}`,
      resource_registration_endpoint: `${ISSUER}${RESOURCE_SET}`,
      permission_endpoint: `${ISSUER}${PERMISSION}`,
      jwks_uri: `${ISSUER}${REALM}/protocol/openid-connect/certs`,
    });
    expect(body['authorization_endpoint']).toBe(undefined);
    const keys = await asRo.send(new URL(String(body['jwks_uri'])).pathname);
    expect(keys.body).toEqual((await asRo.send('/jwks')).body);
  });
});

describe('A realm that is not there', () => {
  it.each(PATHS)('%s %s is 404 under another name', async (method, path) => {
    for (const realm of ['globex', 'ACME', 'acme2', 'master', 'acme%2f', '..', '']) {
      const answer = await asRo.send(`/realms/${realm}${path}`, { method });
      expect(refusal(answer)).toEqual(refused(404, 'not_found'));
    }
  });

  it.each(PATHS)('%s %s is 404 unless the alias is configured', async (method, path) => {
    const plain = await AsRoUnderTest.start();
    expect(refusal(await plain.send(`${REALM}${path}`, { method }))).toEqual(refused(404, 'not_found'));
    await plain.stop();
  });

  it.each(['', '.', '..', 'a/b', 'a b', 'ä', 'x'.repeat(65)])('the configuration takes no realm “%s”', (realm) => {
    const settings = { issuer: ISSUER, emailDomains: ['acme.example'], owners: { identityProvider: 'https://id.acme.example', clientIds: ['x'] }, keyFile: 'k', contextKeyFile: 'c', database: { url: 'postgres://x' } };
    expect(asRoConfiguration.safeParse({ ...settings, keycloakAlias: { realm: 'acme' } }).success).toBe(true);
    expect(asRoConfiguration.safeParse({ ...settings, keycloakAlias: { realm } }).success).toBe(false);
  });
});

describe('What the alias does not change', () => {
  it('the token endpoint of the server takes no user token for a client [A71], and no permission for a ticket', async () => {
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:uma-ticket', client_id: 'public-app', audience: RS.id, permission: 'r' };
    expect(refusal(await post(asRo, '/token', form, { Authorization: `Bearer ${userToken(asRo)}` }))).toEqual(refused(401, 'invalid_client'));
    expect(refusal(await post(asRo, '/token', form))).toEqual(refused(400, 'invalid_request'));
  });
});

describe('Web applications', () => {
  const preflight = (origin: string) => asRo.send(TOKEN, { method: 'OPTIONS', headers: { Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'authorization' } });

  it('may call the token endpoint from a configured origin, and see refusals too', async () => {
    const { status, headers } = await preflight(WEB_APP);
    expect({ status, origin: headers['access-control-allow-origin'], methods: headers['access-control-allow-methods'], vary: headers['vary'] }).toEqual({ status: 204, origin: WEB_APP, methods: 'POST', vary: 'Origin' });
    expect(headers['access-control-allow-headers']).toContain('authorization');
    expect(headers['access-control-allow-credentials']).toBe(undefined);
    const id = await sharedWithCarol(asRo);
    for (const [permission, expected] of [[id, 200], [`${id}#edit`, 403], ['nothing', 400]] as const) {
      const token = userToken(asRo, { claims: { aud: 'account' } });
      const answer = await uma(asRo, { audience: RS.id, permission }, { token, headers: { Origin: WEB_APP } });
      expect({ status: answer.status, origin: answer.headers['access-control-allow-origin'] }).toEqual({ status: expected, origin: WEB_APP });
    }
  });

  it('may not from another', async () => {
    for (const origin of ['https://evil.example', `${WEB_APP}.evil.example`, 'null', WEB_APP.toUpperCase(), 'http://app.acme.example']) {
      expect((await preflight(origin)).status).toBe(404);
      const answer = await uma(asRo, { audience: RS.id }, { headers: { Origin: origin } });
      expect(answer.headers['access-control-allow-origin']).toBe(undefined);
    }
  });
});

it('a user’s access token needs the configured audience, and no other does [A5]', async () => {
  const id = await sharedWithCarol(asRo);
  const ask = (aud: unknown) => uma(asRo, { audience: RS.id, permission: id }, { token: userToken(asRo, { claims: { aud } }) });
  for (const aud of ['account', ['x', 'account']]) expect((await ask(aud)).status).toBe(200);
  for (const aud of [ISSUER, 'Account', [], ['accounts']]) expect((await ask(aud)).status).toBe(401);
});
