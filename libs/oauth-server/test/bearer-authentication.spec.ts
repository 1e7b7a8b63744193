import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { basic, createTestServer, SECRET, type TestServer } from './test-server.ts';

describe('access tokens at the server\'s own APIs', () => {
  let server: TestServer;
  let token = '';
  beforeAll(async () => {
    server = await createTestServer();
    const answer = await server.token({ grant_type: 'client_credentials', scope: 'view' }, { authorization: basic('confidential', SECRET) });
    token = answer.json<{ access_token: string }>().access_token;
  });
  afterAll(async () => server.application.close());

  const read = (headers: Record<string, string>, query = '') => server.application.inject({ method: 'GET', url: `/protected${query}`, headers });
  const outcome = (answer: { statusCode: number; body: string }) => [answer.statusCode, (JSON.parse(answer.body) as { error?: string }).error];

  it.each(['Bearer', 'bearer', 'BEARER'])('accepts the scheme %s', async (scheme) => {
    expect((await read({ authorization: `${scheme} ${token}` })).statusCode).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ['no header', {}],
    ['another scheme', { authorization: basic('confidential', SECRET) }],
  ])('answers %s with 401 and a challenge without an error code (RFC 6750 3.1)', async (_what, headers) => {
    const answer = await read(headers);
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, 'Bearer']);
  });

  it.each<[string, () => string]>([
    ['nothing', () => 'Bearer'],
    ['two tokens', () => `Bearer ${token} ${token}`],
    ['a list', () => `Bearer ${token}, Bearer ${token}`],
    ['a token cut short', () => `Bearer ${token.slice(0, -3)}`],
    ['nonsense', () => 'Bearer x'],
    ['a token in quotes', () => `Bearer "${token}"`],
  ])('answers %s with 401 invalid_token', async (_what, authorization) => {
    const answer = await read({ authorization: authorization() });
    expect(outcome(answer)).toEqual([401, 'invalid_token']);
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
  });

  it('answers 403 insufficient_scope when the token lacks the scope', async () => {
    const answer = await server.application.inject({ method: 'POST', url: '/protected', headers: { authorization: `Bearer ${token}` } });
    expect(outcome(answer)).toEqual([403, 'insufficient_scope']);
  });

  it('answers 401 when the token has expired', async () => {
    server.clock.seconds += 661;
    expect(outcome(await read({ authorization: `Bearer ${token}` }))).toEqual([401, 'invalid_token']);
    server.clock.seconds -= 661;
  });

  describe('A88 token in query or body', () => {
    it.each([{}, { authorization: true }])('refuses a token in the query, given the headers %p', async ({ authorization }: { authorization?: boolean }) => {
      server.rawLog.length = 0;
      const answer = await read(authorization === true ? { authorization: `Bearer ${token}` } : {}, `?access_token=${token}`);
      expect(outcome(answer)).toEqual([400, 'invalid_request']);
      expect(server.rawLog.join('')).not.toContain('eyJ');
    });

    it.each([{}, { authorization: true }])('refuses a token in a form, given the headers %p', async ({ authorization }: { authorization?: boolean }) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', ...(authorization === true ? { authorization: `Bearer ${token}` } : {}) };
      const answer = await server.application.inject({ method: 'POST', url: '/protected', headers, payload: `access_token=${token}` });
      expect(outcome(answer)).toEqual([400, 'invalid_request']);
    });
  });

  it('refuses two Authorization headers with 400, although Node shows only the first', async () => {
    await server.application.listen(0, '127.0.0.1');
    const { port } = server.application.getHttpServer().address() as { port: number };
    const line = `Authorization: Bearer ${token}\r\n`;
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(`GET /protected HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${line}${line}\r\n`));
      socket.on('data', (chunk) => (text += chunk.toString())).on('close', () => resolve(text)).on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"error":"invalid_request"');
  });
});
