import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { loadKeyRing } from '@uma-federation/keys';
import { fixedKeys } from '@uma-federation/testing';
import { TOKEN_TYPE_URNS, TOKEN_TYPES } from '@uma-federation/uma-core';
import { AsRoUnderTest, ISSUER, secretsInLogs, stopAll } from './harness.ts';
import { refusal, refused } from './support/answers.ts';

let asRo: AsRoUnderTest;
beforeAll(async () => {
  asRo = await AsRoUnderTest.start();
});
afterAll(stopAll);

describe('Metadata', () => {
  const documents = ['uma2-configuration', 'oauth-authorization-server', 'openid-configuration'];

  it.each(documents)('is published below the issuer as %s, identical under every name, for every origin to read [G1]', async (name) => {
    const { status, headers, text } = await asRo.send(`/.well-known/${name}`);
    expect({ status, type: headers['content-type'], origin: headers['access-control-allow-origin'], cache: headers['cache-control'] }).toEqual({
      status: 200,
      type: expect.stringContaining('application/json'),
      origin: '*',
      cache: 'public, max-age=600',
    });
    expect(text).toBe((await asRo.send('/.well-known/uma2-configuration')).text);
  });

  it('says what RFC 8414 asks: the issuer code point by code point, grants, authentication methods, no empty list [G2]', async () => {
    const { body } = await asRo.send('/.well-known/uma2-configuration');
    expect(body).toMatchObject({
      issuer: ISSUER,
      token_endpoint: `${ISSUER}/token`,
      jwks_uri: `${ISSUER}/jwks`,
      grant_types_supported: ['urn:ietf:params:oauth:grant-type:uma-ticket', 'client_credentials'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'EdDSA', 'PS256', 'RS256'],
      client_id_metadata_document_supported: true,
      scopes_supported: ['uma_protection'],
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256']),
    });
    expect(Object.values(body).filter((value) => Array.isArray(value) && value.length === 0)).toEqual([]);
  });

  it('names the endpoints of the protection API, and each is there [F6, F7]', async () => {
    const { body } = await asRo.send('/.well-known/uma2-configuration');
    for (const member of ['permission_endpoint', 'resource_registration_endpoint', 'introspection_endpoint']) {
      const url = String(body[member]);
      expect(url.startsWith(`${ISSUER}/`)).toBe(true);
      expect({ member, status: (await asRo.send(new URL(url).pathname, { method: 'POST' })).status }).toEqual({ member, status: 401 });
    }
    expect((await asRo.send(new URL(String(body['revocation_feed_endpoint'])).pathname)).status).toBe(401);
  });

  it('names the profile of its claims tokens [G12]', async () => {
    const { body } = await asRo.send('/.well-known/uma2-configuration');
    expect(body['uma_profiles_supported']).toEqual(['urn:uma-federation:profile:correlated-authorization']);
  });
});

it('documents what it takes as claims token: format, type and every claim of the profile [G12]', async () => {
  const page = await readFile(new URL('../../../docs/protocol/claim-token-profile.md', import.meta.url), 'utf8');
  const { body } = await asRo.send('/.well-known/uma2-configuration');
  const note = await asRo.sharedNote();
  const claims = [...Object.keys(asRo.identityClaims(note)), 'cnf', 'acr', 'amr', 'auth_time', 'ticket_challenge', 'resource'];
  for (const word of [body['uma_profiles_supported'][0], TOKEN_TYPE_URNS.jwt, TOKEN_TYPES.identityClaims, ...claims]) expect(page).toContain(`\`${word}\``);
});

describe('The JWK Set', () => {
  it('has public members only, the current key first and previous keys behind it', async () => {
    const rotated = await AsRoUnderTest.start({ keys: loadKeyRing([fixedKeys.acme, fixedKeys.acmePrevious]) });
    const { status, body, headers } = await rotated.send('/jwks');
    expect({ status, origin: headers['access-control-allow-origin'] }).toEqual({ status: 200, origin: '*' });
    expect((body['keys'] as { kid: string }[]).map(({ kid }) => kid)).toEqual(['acme-as-ro-1', 'acme-as-ro-0']);
    for (const key of body['keys']) expect(Object.keys(key as object).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });
});

describe('Requests beside the interface', () => {
  it.each(['/', '/nothing', '/token/x', '/.well-known/webfinger', '/owner', '/jwks/1', '/resource/a/b', '/Token'])('finds nothing at %s', async (path) => {
    expect(refusal(await asRo.send(path))).toEqual(refused(404, 'not_found'));
  });

  it.each([
    ['GET', '/token', 'POST'],
    ['POST', '/jwks', 'GET, HEAD'],
    ['DELETE', '/.well-known/uma2-configuration', 'GET, HEAD'],
    ['GET', '/permission', 'POST'],
    ['PUT', '/introspect', 'POST'],
    ['PATCH', '/owner/shares', 'GET, HEAD, POST'],
  ])('answers %s %s with 405 and says what is allowed [F14]', async (method, path, allow) => {
    const answer = await asRo.send(path, { method });
    expect(refusal(answer)).toEqual(refused(405, 'unsupported_method_type'));
    expect(answer.headers['allow']).toBe(allow);
  });

  it.each(['/nothing', '/jwks', '/owner/resources'])('sets the security headers at %s', async (path) => {
    const { headers } = await asRo.send(path, { headers: { 'X-Request-Id': 'request-1' } });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-request-id': 'request-1' });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });
});

describe('A configuration', () => {
  it.each(['http://as.acme.example', 'https://as.acme.example/', 'https://as.acme.example?x', 'https://192.0.2.1', 'http://127.0.0.1:4110'])(
    'with the issuer %s is refused before anything listens [F1]',
    async (issuer) => {
      await expect(AsRoUnderTest.start({ settings: { issuer } })).rejects.toThrow('https origin');
    },
  );

  it.each([['ACME.example'], ['localhost'], ['acme.example.']])('with the e-mail domain %s is refused', async (domain) => {
    await expect(AsRoUnderTest.start({ settings: { emailDomains: [domain] } })).rejects.toThrow('A-label');
  });
});

it('puts no token, address or secret in the log of all this [A78]', () => {
  expect(secretsInLogs()).toEqual([]);
});
