import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyAccessToken } from '@uma-federation/uma-core';
import { basic, createTestServer, ISSUER, OTHER_SECRET, SECRET, type TestServer } from './test-server.ts';

describe('the client credentials grant', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer();
  });
  afterAll(async () => server.application.close());

  const request = (form: Record<string, string> = {}, authorization = basic('confidential', SECRET)) =>
    server.token({ grant_type: 'client_credentials', ...form }, { authorization });
  const outcome = (answer: { statusCode: number; body: string }) => [answer.statusCode, (JSON.parse(answer.body) as { error?: string }).error];

  it('issues an access token for this server itself, with the scopes that were asked for', async () => {
    const answer = await request({ scope: 'uma_protection view' });
    expect(answer.json()).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 600, scope: 'uma_protection view' });
    const { access_token: token } = answer.json<{ access_token: string }>();
    const verified = await verifyAccessToken(token, { issuer: ISSUER, audience: ISSUER, keys: server.verification.keys }, server.verification);
    expect(verified).toMatchObject({ subject: 'confidential', clientId: 'confidential', scopes: ['uma_protection', 'view'], expiresAt: server.clock.now() + 600 });
    expect(verified.confirmationThumbprint).toBeUndefined();
  });

  it('gives the registered scopes when none is asked for', async () => {
    expect((await request()).json()).toMatchObject({ scope: 'uma_protection view edit' });
  });

  it('never gives a refresh token', async () => {
    expect((await request()).json()).not.toHaveProperty('refresh_token');
  });

  it.each(['admin', 'view admin', 'VIEW', 'view\tedit', '"view"'])('refuses the scope %p, which the client is not registered for', async (scope) => {
    expect(outcome(await request({ scope }))).toEqual([400, 'invalid_scope']);
  });

  it('refuses a client without scopes', async () => {
    expect(outcome(await request({}, basic('scopeless', OTHER_SECRET)))).toEqual([400, 'invalid_scope']);
  });

  it('refuses a public client', async () => {
    expect(outcome(await server.token({ grant_type: 'client_credentials', client_id: 'public' }))).toEqual([400, 'unauthorized_client']);
  });

  it('accepts this server as resource and refuses any other', async () => {
    expect((await request({ resource: ISSUER })).statusCode).toBe(200);
    expect(outcome(await request({ resource: 'https://rs.acme.example' }))).toEqual([400, 'invalid_target']);
  });

  describe('A73 long scope', () => {
    it.each([
      ['50 kB', 'x'.repeat(50_000)],
      ['50 kB of spaces and letters', 'x '.repeat(25_000)],
      ['more than 2 KiB', 'view '.repeat(410)],
      ['more than 50 values', Array.from({ length: 51 }, (_, index) => `s${index}`).join(' ')],
    ])('refuses %s with invalid_scope', async (_what, scope) => {
      expect(outcome(await request({ scope }))).toEqual([400, 'invalid_scope']);
    });
  });
});
