import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createIdentityProvider, generateSigningKeys } from '../src/index.ts';
import { answer, authorizationRequest, signIn } from './support/authorization.ts';
import { Browser } from './support/browser.ts';
import { AUDIENCE, BOB, CALLBACK, WEB, basic, exampleConfig, startProvider } from './support/running-provider.ts';
import type { RunningProvider } from './support/running-provider.ts';

const BOB_SIGNS_IN = { email: BOB.email, password: BOB.password };

describe('the server of the development identity provider', () => {
  let provider: RunningProvider;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.close());

  it('publishes metadata that openid-client and AS-RqP can live on', async () => {
    const metadata = (await (await fetch(`${provider.issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>;
    expect(metadata).toMatchObject({
      issuer: provider.issuer,
      authorization_endpoint: `${provider.issuer}/authorize`,
      token_endpoint: `${provider.issuer}/token`,
      userinfo_endpoint: `${provider.issuer}/userinfo`,
      jwks_uri: `${provider.issuer}/jwks`,
      registration_endpoint: `${provider.issuer}/register`,
      introspection_endpoint: `${provider.issuer}/token/introspect`,
      revocation_endpoint: `${provider.issuer}/token/revoke`,
      authorization_response_iss_parameter_supported: true,
      code_challenge_methods_supported: ['S256'],
      acr_values_supported: ['urn:uma-federation:acr:pwd', 'urn:uma-federation:acr:otp'],
    });
    expect(metadata['scopes_supported']).toEqual(expect.arrayContaining(['openid', 'email', 'profile']));
    expect(metadata['grant_types_supported']).toEqual(expect.arrayContaining(['authorization_code', 'password']));
    expect(metadata['dpop_signing_alg_values_supported']).toContain('ES256');
    expect(metadata['id_token_signing_alg_values_supported']).toEqual(expect.arrayContaining(['ES256', 'RS256']));
    expect(metadata['claims_supported']).toEqual(expect.arrayContaining(['email', 'email_verified', 'name', 'acr', 'amr', 'auth_time']));
  });

  it('publishes public keys only', async () => {
    const { keys } = (await (await fetch(`${provider.issuer}/jwks`)).json()) as { keys: Record<string, unknown>[] };
    expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256']);
    for (const key of keys) expect(Object.keys(key).filter((member) => ['d', 'p', 'q', 'dp', 'dq', 'qi'].includes(member))).toEqual([]);
  });

  it('names its URLs after the issuer, whatever Host and X-Forwarded-Host say', async () => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    const metadata = await rawGet(`${provider.issuer}/.well-known/openid-configuration`, '/.well-known/openid-configuration', headers);
    expect(metadata.status).toBe(200);
    expect(metadata.body).not.toContain('evil.example');
    const absolute = await rawGet(provider.issuer, 'http://evil.example/.well-known/openid-configuration', {});
    expect(absolute.status).toBe(400);
  });

  it('registers a client that nobody knows, and gives it RS256 ID tokens when it asks for nothing', async () => {
    const registration = await fetch(`${provider.issuer}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [CALLBACK], client_name: 'A <b>new</b> client', grant_types: ['authorization_code', 'password'] }),
    });
    expect(registration.status).toBe(201);
    const { client_id: clientId, client_secret: clientSecret } = (await registration.json()) as { client_id: string; client_secret: string };
    const { url, verifier } = authorizationRequest(provider.issuer, { client_id: clientId });
    const browser = new Browser();
    const page = await browser.open(url);
    expect(page.html).toContain('A &lt;b&gt;new&lt;/b&gt; client');
    const { code } = answer(await browser.submit(page, { do: 'sign-in', email: BOB.email, password: BOB.password }));
    const form = { grant_type: 'authorization_code', code: code ?? '', redirect_uri: CALLBACK, code_verifier: verifier };
    const { body } = await provider.post('/token', form, basic({ clientId, clientSecret }));
    expect((await provider.verify(body['id_token'], clientId)).protectedHeader.alg).toBe('RS256');
    expect((await provider.verify(body['access_token'], AUDIENCE)).payload['client_id']).toBe(clientId);
  });

  it('keeps its sessions apart from those of a second provider on the same host', async () => {
    const other = await startProvider();
    try {
      const browser = new Browser();
      await signIn(browser, authorizationRequest(provider.issuer).url, BOB_SIGNS_IN);
      await signIn(browser, authorizationRequest(other.issuer).url, BOB_SIGNS_IN);
      const sessions = browser.cookieNames().filter((name) => name.endsWith('-session'));
      expect(new Set(sessions).size).toBe(2);
      expect(answer(await browser.open(authorizationRequest(provider.issuer).url))['iss']).toBe(provider.issuer);
      expect(answer(await browser.open(authorizationRequest(other.issuer).url))['iss']).toBe(other.issuer);
    } finally {
      await other.close();
    }
  });

  it('accepts its tokens after a restart when the keys come with the configuration', async () => {
    const config = await exampleConfig({ keys: await generateSigningKeys() });
    const first = await startProvider(config);
    const { body } = await first.post('/token', { grant_type: 'password', username: BOB.email, password: BOB.password }, basic(WEB));
    await first.close();
    const second = await startProvider(config);
    try {
      expect((await second.verify(body['access_token'], AUDIENCE)).payload['email']).toBe(BOB.email);
    } finally {
      await second.close();
    }
  });

  it('rejects when its port is taken', async () => {
    const { port } = new URL(provider.issuer);
    const second = await createIdentityProvider(await exampleConfig({ issuer: provider.issuer, port: Number(port) }), { log: () => undefined });
    await expect(second.listen()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await second.close();
  });
});

describe('the development identity provider in production', () => {
  const before = process.env['NODE_ENV'];
  afterEach(() => {
    process.env['NODE_ENV'] = before;
  });

  it('does not start', async () => {
    process.env['NODE_ENV'] = 'production';
    await expect(createIdentityProvider(await exampleConfig())).rejects.toThrow('does not run with NODE_ENV=production');
  });
});

function rawGet(origin: string, path: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    request({ host: hostname, port, path, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}
