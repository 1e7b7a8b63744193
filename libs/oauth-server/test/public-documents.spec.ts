import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestServer, ECHO_GRANT, ISSUER, TOKEN_URL, type TestServer } from './test-server.ts';

describe('public documents', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer();
  });
  afterAll(async () => server.application.close());

  it.each(['/.well-known/oauth-authorization-server/tenant', '/tenant/.well-known/oauth-authorization-server'])('serves the metadata at %s', async (url) => {
    const answer = await server.application.inject(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      issuer: ISSUER,
      token_endpoint: TOKEN_URL,
      jwks_uri: `${ISSUER}/jwks`,
      grant_types_supported: [ECHO_GRANT],
      token_endpoint_auth_methods_supported: ['none'],
      permission_endpoint: `${ISSUER}/permission`,
    });
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/json/), 'cache-control': 'public, max-age=600', 'access-control-allow-origin': '*',
    });
  });

  it('serves public keys, and nothing private', async () => {
    const answer = await server.application.inject('/jwks');
    expect(answer.headers).toMatchObject({ 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' });
    const { keys } = answer.json<{ keys: Record<string, string>[] }>();
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'EC', use: 'sig', kid: expect.any(String) });
    expect(keys[0]).not.toHaveProperty('d');
  });

  it('answers HEAD, and 405 to what is not reading', async () => {
    expect((await server.application.inject({ method: 'HEAD', url: '/jwks' })).statusCode).toBe(200);
    const answer = await server.application.inject({ method: 'POST', url: '/jwks' });
    expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'GET, HEAD']);
  });

  it('lets no other origin read anything else', async () => {
    for (const url of ['/protected', '/health/live', '/nowhere']) {
      const answer = await server.application.inject({ url, headers: { origin: 'https://evil.example' } });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
    expect((await server.token({ grant_type: ECHO_GRANT }, { origin: 'https://evil.example' })).headers).not.toHaveProperty('access-control-allow-origin');
  });
});
