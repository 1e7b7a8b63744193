import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ONE_TIME_CODE_ACR, OPAQUE_RESOURCE, PASSWORD_ACR } from '../src/index.ts';
import { answer, authorizationRequest, signIn } from './support/authorization.ts';
import { Browser } from './support/browser.ts';
import { createDpopKey } from './support/dpop-proof.ts';
import { AUDIENCE, BOB, CALLBACK, EVE, INTROSPECTOR, NATIVE, WEB, basic, startProvider } from './support/running-provider.ts';
import type { RunningProvider } from './support/running-provider.ts';

const BOB_SIGNS_IN = { email: BOB.email, password: BOB.password };

describe('the authorization code flow of the development identity provider', () => {
  let provider: RunningProvider;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.close());

  const redeem = (code: string | undefined, verifier: string, headers: Record<string, string> = basic(WEB), form: Record<string, string> = {}) =>
    provider.post('/token', { grant_type: 'authorization_code', code: code ?? '', redirect_uri: CALLBACK, code_verifier: verifier, ...form }, headers);

  it('leads through the sign-in page to an at+jwt for AS-RqP and an ID token', async () => {
    const { url, verifier } = authorizationRequest(provider.issuer);
    const { code, state, iss } = answer(await signIn(new Browser(), url, BOB_SIGNS_IN));
    expect({ state, iss }).toEqual({ state: 'the state', iss: provider.issuer });
    const { status, body } = await redeem(code, verifier);
    expect(status).toBe(200);
    const access = await provider.verify(body['access_token'], AUDIENCE);
    expect(access.protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
    const facts = { email: BOB.email, email_verified: true, acr: PASSWORD_ACR, amr: ['pwd'] };
    expect(access.payload).toMatchObject({ ...facts, client_id: 'web', scope: 'openid email profile' });
    const id = await provider.verify(body['id_token'], 'web');
    expect(id.payload).toMatchObject({ ...facts, name: 'Bob', nonce: 'the nonce', sub: access.payload.sub });
    expect(id.payload['auth_time']).toBe(access.payload['auth_time']);
    expect(Number(id.payload['auth_time'])).toBeLessThanOrEqual(id.payload.iat ?? 0);
  });

  it('redeems a code once, and only with the verifier of its request', async () => {
    const { url, verifier } = authorizationRequest(provider.issuer);
    const browser = new Browser();
    const { code } = answer(await signIn(browser, url, BOB_SIGNS_IN));
    expect((await redeem(code, 'x'.repeat(43))).body['error']).toBe('invalid_grant');
    expect((await redeem(code, verifier)).status).toBe(200);
    expect((await redeem(code, verifier)).body['error']).toBe('invalid_grant');
  });

  it('binds the access token of a code to the DPoP key of the token request', async () => {
    const key = await createDpopKey();
    const { url, verifier } = authorizationRequest(provider.issuer);
    const { code } = answer(await signIn(new Browser(), url, BOB_SIGNS_IN));
    const { body } = await redeem(code, verifier, { ...basic(WEB), dpop: await key.proof('POST', `${provider.issuer}/token`) });
    const { payload } = await provider.verify(body['access_token'], AUDIENCE);
    expect(payload['cnf']).toEqual({ jkt: key.thumbprint });
  });

  it('gives an opaque token when the request names the opaque resource', async () => {
    const { url, verifier } = authorizationRequest(provider.issuer, { resource: OPAQUE_RESOURCE });
    const { code } = answer(await signIn(new Browser(), url, BOB_SIGNS_IN));
    const { body } = await redeem(code, verifier);
    const { body: facts } = await provider.post('/token/introspect', { token: String(body['access_token']) }, basic(INTROSPECTOR));
    expect(facts).toMatchObject({ active: true, iss: provider.issuer, email: BOB.email, email_verified: true, acr: PASSWORD_ACR, client_id: 'web' });
  });

  it('gives a userinfo token when the request has the scope userinfo', async () => {
    const { url, verifier } = authorizationRequest(provider.issuer, { scope: 'openid email userinfo' });
    const { code } = answer(await signIn(new Browser(), url, BOB_SIGNS_IN));
    const { body } = await redeem(code, verifier);
    const userinfo = await fetch(`${provider.issuer}/userinfo`, { headers: { authorization: `Bearer ${String(body['access_token'])}` } });
    expect(await userinfo.json()).toMatchObject({ email: BOB.email, email_verified: true });
  });

  it('gives a refresh token for offline_access, and the refreshed token keeps the facts of the sign-in', async () => {
    const { url, verifier } = authorizationRequest(provider.issuer, { scope: 'openid email offline_access', prompt: 'consent' });
    const browser = new Browser();
    const consent = await signIn(browser, url, BOB_SIGNS_IN);
    expect(consent.html).toContain('Allow access');
    const { code } = answer(await browser.submit(consent, { do: 'allow' }));
    const { body } = await redeem(code, verifier);
    const refreshed = await provider.post('/token', { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']) }, basic(WEB));
    const { payload } = await provider.verify(refreshed.body['access_token'], AUDIENCE);
    expect(payload).toMatchObject({ email: BOB.email, acr: PASSWORD_ACR, amr: ['pwd'] });
    const first = await provider.verify(body['access_token'], AUDIENCE);
    expect(payload['auth_time']).toBe(first.payload['auth_time']);
  });

  it('requires PKCE of a public client, and lets its loopback redirect URI have any port', async () => {
    const redirect = 'http://127.0.0.1:51234/callback';
    const changes = { client_id: NATIVE.clientId, redirect_uri: redirect };
    const without = new URL(authorizationRequest(provider.issuer, changes).url);
    without.searchParams.delete('code_challenge');
    without.searchParams.delete('code_challenge_method');
    const refused = await new Browser().open(without.href);
    expect(new URL(refused.url).searchParams.get('error')).toBe('invalid_request');

    const { url, verifier } = authorizationRequest(provider.issuer, changes);
    const back = new URL((await signIn(new Browser(), url, BOB_SIGNS_IN)).url);
    expect(back.origin).toBe('http://127.0.0.1:51234');
    const form = { client_id: NATIVE.clientId, redirect_uri: redirect };
    expect((await redeem(back.searchParams.get('code') ?? '', verifier, {}, form)).status).toBe(200);
  });

  describe('with a session', () => {
    it('does not ask again, unless the request says so', async () => {
      const browser = new Browser();
      await signIn(browser, authorizationRequest(provider.issuer).url, BOB_SIGNS_IN);
      expect(answer(await browser.open(authorizationRequest(provider.issuer).url))['code']).toBeDefined();
      const again = await browser.open(authorizationRequest(provider.issuer, { prompt: 'login' }).url);
      expect(again.html).toContain('<h1>Sign in</h1>');
      expect(again.html).toContain(`value="${BOB.email}"`);
      expect(again.html).toContain('One-time code (optional)');
    });

    it('steps up to the one-time code when acr_values names that class', async () => {
      const browser = new Browser();
      await signIn(browser, authorizationRequest(provider.issuer).url, { email: EVE.email, password: EVE.password });
      const { url, verifier } = authorizationRequest(provider.issuer, { acr_values: ONE_TIME_CODE_ACR });
      const page = await browser.open(url);
      expect(page.html).toContain('One-time code</label>');
      const incomplete = await browser.submit(page, { do: 'sign-in', email: EVE.email, password: EVE.password });
      expect(incomplete.html).toContain('needs the one-time code');
      const { code } = answer(await browser.submit(page, { do: 'sign-in', email: EVE.email, password: EVE.password, code: EVE.oneTimeCode }));
      const { body } = await redeem(code, verifier);
      const { payload } = await provider.verify(body['id_token'], 'web');
      expect(payload).toMatchObject({ acr: ONE_TIME_CODE_ACR, amr: ['pwd', 'otp'] });
    });

    it('answers prompt=none with login_required when only a step-up would do', async () => {
      const browser = new Browser();
      await signIn(browser, authorizationRequest(provider.issuer).url, BOB_SIGNS_IN);
      const changes = { acr_values: ONE_TIME_CODE_ACR, prompt: 'none' };
      expect(answer(await browser.open(authorizationRequest(provider.issuer, changes).url))['error']).toBe('login_required');
    });
  });

  it('answers unmet_authentication_requirements to classes it cannot reach [RFC 9470 5]', async () => {
    const stop = await new Browser().open(authorizationRequest(provider.issuer, { acr_values: 'urn:example:retina' }).url);
    expect(answer(stop)).toMatchObject({ error: 'unmet_authentication_requirements', iss: provider.issuer, state: 'the state' });
  });

  it('shows the same page with a message after a wrong password, and signs nobody in', async () => {
    const browser = new Browser();
    const { url } = authorizationRequest(provider.issuer);
    const page = await signIn(browser, url, { email: BOB.email, password: 'guess' });
    expect(page.status).toBe(200);
    expect(page.html).toContain('E-mail address or password is wrong.');
    expect(page.html).toContain(`value="${BOB.email}"`);
    expect(page.html).not.toContain('guess');
    expect((await browser.open(url)).html).toContain('<h1>Sign in</h1>');
  });

  it('answers access_denied when the person cancels', async () => {
    const browser = new Browser();
    const page = await browser.open(authorizationRequest(provider.issuer).url);
    expect(answer(await browser.submit(page, { do: 'cancel' }))['error']).toBe('access_denied');
  });

  it('ends the session at the sign-out endpoint after a question', async () => {
    const browser = new Browser();
    await signIn(browser, authorizationRequest(provider.issuer).url, BOB_SIGNS_IN);
    const page = await browser.open(`${provider.issuer}/sign-out`);
    expect(page.html).toContain('Do you want to sign out?');
    const action = /action="([^"]+)"/.exec(page.html)?.[1] ?? '';
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.html)?.[1] ?? '';
    expect((await browser.open(action, { xsrf, logout: 'yes' })).html).toContain('You can close this page.');
    expect((await browser.open(authorizationRequest(provider.issuer).url)).html).toContain('<h1>Sign in</h1>');
  });
});
