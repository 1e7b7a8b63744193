import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeProtectedHeader } from 'jose';
import { ONE_TIME_CODE_ACR, OPAQUE_RESOURCE, PASSWORD_ACR } from '../src/index.ts';
import { createDpopKey } from './support/dpop-proof.ts';
import { AUDIENCE, BOB, EVE, INTROSPECTOR, NATIVE, WEB, basic, startProvider } from './support/running-provider.ts';
import type { RunningProvider } from './support/running-provider.ts';

const SCOPE = 'openid email profile';

describe('the password grant of the development identity provider', () => {
  let provider: RunningProvider;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.close());

  const grant = (form: Record<string, string>, headers: Record<string, string> = basic(WEB)) =>
    provider.post('/token', { grant_type: 'password', username: BOB.email, password: BOB.password, ...form }, headers);

  it('answers an at+jwt for AS-RqP that says who signed in and how', async () => {
    const { status, body } = await grant({ scope: SCOPE });
    expect(status).toBe(200);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: SCOPE });
    const { payload, protectedHeader } = await provider.verify(body['access_token'], AUDIENCE);
    expect(protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    expect(payload).toMatchObject({
      client_id: 'web',
      email: BOB.email,
      email_verified: true,
      name: 'Bob',
      department: 'sales',
      acr: PASSWORD_ACR,
      amr: ['pwd'],
      scope: SCOPE,
    });
    expect(payload['auth_time']).toBe(payload.iat);
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
    expect(payload.jti).toMatch(/^[\w-]{20,}$/);
    expect(payload['cnf']).toBeUndefined();
  });

  it('gives a person the same subject in every token, and it is not the e-mail address', async () => {
    const first = await grant({ scope: SCOPE });
    const second = await grant({ username: BOB.email.toUpperCase() }, basic(WEB));
    const [access, id, other] = await Promise.all([
      provider.verify(first.body['access_token'], AUDIENCE),
      provider.verify(first.body['id_token'], 'web'),
      provider.verify(second.body['access_token'], AUDIENCE),
    ]);
    expect(access.payload.sub).toMatch(/^[\w-]{22}$/);
    expect(new Set([access.payload.sub, id.payload.sub, other.payload.sub]).size).toBe(1);
  });

  it('adds an ES256 ID token when the scope has openid, and none otherwise', async () => {
    const { body } = await grant({ scope: SCOPE });
    const { payload, protectedHeader } = await provider.verify(body['id_token'], 'web');
    expect(protectedHeader.alg).toBe('ES256');
    expect(payload).toMatchObject({ email: BOB.email, email_verified: true, name: 'Bob', acr: PASSWORD_ACR, amr: ['pwd'] });
    expect(payload['auth_time']).toBe(payload.iat);
    expect((await grant({ scope: 'email' })).body['id_token']).toBeUndefined();
    expect((await grant({})).body['id_token']).toBeUndefined();
  });

  it('keeps claims out of the ID token whose scope was not asked for', async () => {
    const { body } = await grant({ scope: 'openid' });
    const { payload } = await provider.verify(body['id_token'], 'web');
    expect(payload['email']).toBeUndefined();
    expect(payload['name']).toBeUndefined();
  });

  it('binds the access token to the DPoP key of the request [RFC 9449 5]', async () => {
    const key = await createDpopKey();
    const proof = await key.proof('POST', `${provider.issuer}/token`);
    const { status, body } = await grant({}, { ...basic(WEB), dpop: proof });
    expect({ status, type: body['token_type'] }).toEqual({ status: 200, type: 'DPoP' });
    const { payload } = await provider.verify(body['access_token'], AUDIENCE);
    expect(payload['cnf']).toEqual({ jkt: key.thumbprint });
    const replayed = await grant({}, { ...basic(WEB), dpop: proof });
    expect({ status: replayed.status, error: replayed.body['error'] }).toEqual({ status: 400, error: 'invalid_grant' });
  });

  it('refuses a DPoP proof for another URL', async () => {
    const key = await createDpopKey();
    const { status, body } = await grant({}, { ...basic(WEB), dpop: await key.proof('POST', `${provider.issuer}/elsewhere`) });
    expect({ status, error: body['error'] }).toEqual({ status: 400, error: 'invalid_dpop_proof' });
  });

  it('reaches the second class with the one-time code of the person', async () => {
    const { body } = await grant({ username: EVE.email, password: EVE.password, otp: EVE.oneTimeCode, acr_values: ONE_TIME_CODE_ACR });
    const { payload } = await provider.verify(body['access_token'], AUDIENCE);
    expect(payload).toMatchObject({ acr: ONE_TIME_CODE_ACR, amr: ['pwd', 'otp'], email_verified: false });
  });

  it.each([
    ['the password is wrong', { password: 'guess' }, 'invalid_grant'],
    ['nobody has the e-mail address', { username: 'nobody@globex.example' }, 'invalid_grant'],
    ['the one-time code is wrong', { otp: '111111' }, 'invalid_grant'],
    ['the password is missing', { password: '' }, 'invalid_request'],
    ['acr_values needs a code that is not there', { acr_values: ONE_TIME_CODE_ACR }, 'unmet_authentication_requirements'],
    ['acr_values is unknown here', { acr_values: 'urn:example:retina' }, 'unmet_authentication_requirements'],
    ['the resource is unknown', { resource: 'https://elsewhere.example' }, 'invalid_target'],
  ])('answers 400 when %s', async (_case, form, error) => {
    const { status, body } = await grant(form);
    expect({ status, error: body['error'] }).toEqual({ status: 400, error });
    expect(JSON.stringify(body)).not.toContain('globex');
  });

  it('does not tell a wrong password from an unknown person', async () => {
    const [wrong, unknown] = await Promise.all([grant({ password: 'guess' }), grant({ username: 'nobody@globex.example' })]);
    expect(wrong).toEqual(unknown);
  });

  it('takes a confidential client by client_secret_basic and by client_secret_post, and a public one by its id', async () => {
    expect((await grant({})).status).toBe(200);
    expect((await grant({ client_id: WEB.clientId, client_secret: WEB.clientSecret }, {})).status).toBe(200);
    expect((await grant({ client_id: NATIVE.clientId }, {})).status).toBe(200);
    expect((await grant({ client_id: WEB.clientId, client_secret: 'wrong' }, {})).status).toBe(401);
    expect((await grant({ client_id: WEB.clientId }, {})).status).toBe(401);
  });

  describe('with the opaque resource', () => {
    it('answers an opaque token whose introspection tells the same facts', async () => {
      const { body } = await grant({ scope: SCOPE, resource: OPAQUE_RESOURCE });
      const token = String(body['access_token']);
      expect(() => decodeProtectedHeader(token)).toThrow();
      const { body: facts } = await provider.post('/token/introspect', { token }, basic(INTROSPECTOR));
      expect(facts).toMatchObject({
        active: true,
        iss: provider.issuer,
        aud: OPAQUE_RESOURCE,
        client_id: 'web',
        email: BOB.email,
        email_verified: true,
        acr: PASSWORD_ACR,
        amr: ['pwd'],
        token_type: 'Bearer',
      });
      expect(facts['sub']).toMatch(/^[\w-]{22}$/);
      expect(facts['exp']).toBe(Number(facts['iat']) + 900);
      expect(facts['auth_time']).toBe(facts['iat']);
    });

    it('tells introspection the key of a DPoP-bound token', async () => {
      const key = await createDpopKey();
      const { body } = await grant({ resource: OPAQUE_RESOURCE }, { ...basic(WEB), dpop: await key.proof('POST', `${provider.issuer}/token`) });
      const { body: facts } = await provider.post('/token/introspect', { token: String(body['access_token']) }, basic(INTROSPECTOR));
      expect(facts).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: key.thumbprint } });
    });

    it('tells nothing to a public client and nothing about a revoked token', async () => {
      const { body } = await grant({ resource: OPAQUE_RESOURCE });
      const token = String(body['access_token']);
      const asked = await provider.post('/token/introspect', { token, client_id: NATIVE.clientId }, {});
      expect(asked.body).toEqual({ active: false });
      expect((await provider.post('/token/revoke', { token }, basic(WEB))).status).toBe(200);
      expect((await provider.post('/token/introspect', { token }, basic(INTROSPECTOR))).body).toEqual({ active: false });
    });
  });

  describe('with the scope userinfo', () => {
    it('answers a token for the userinfo endpoint, which refuses the at+jwt', async () => {
      const { body } = await grant({ scope: `${SCOPE} userinfo` });
      const userinfo = await fetch(`${provider.issuer}/userinfo`, { headers: { authorization: `Bearer ${String(body['access_token'])}` } });
      expect(userinfo.status).toBe(200);
      expect(await userinfo.json()).toMatchObject({ email: BOB.email, email_verified: true, name: 'Bob', department: 'sales' });
      const jwt = await grant({ scope: SCOPE });
      const refused = await fetch(`${provider.issuer}/userinfo`, { headers: { authorization: `Bearer ${String(jwt.body['access_token'])}` } });
      expect(refused.status).toBe(401);
    });
  });

  it('logs neither e-mail addresses nor passwords nor tokens', async () => {
    await grant({ password: 'guess' });
    await grant({});
    expect(provider.logged).toHaveLength(1);
    expect(provider.logged[0]).toContain('never use it in production');
  });
});
