import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rawRequest } from './raw-request.ts';
import { createTestApplication, type TestApplication } from './test-application.ts';

describe('raw HTTP', () => {
  let test: TestApplication;
  let port = 0;
  beforeAll(async () => {
    test = await createTestApplication({ requestTimeoutMs: 300 });
    await test.application.listen(0, '127.0.0.1');
    port = (test.application.getHttpServer().address() as { port: number }).port;
  });
  afterAll(async () => test.application.close());

  const get = (...headers: string[]): string => `GET /hello HTTP/1.1\r\n${headers.map((header) => `${header}\r\n`).join('')}Connection: close\r\n\r\n`;
  const bodyOf = (answer: string): unknown => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4));

  it('answers a good request', async () => {
    expect(await rawRequest(port, get('Host: a'))).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each<[string, string[], string]>([
    ['two Authorization headers', ['Host: a', 'Authorization: Bearer a', 'authorization: Bearer b'], 'invalid_request'],
    ['two Host headers', ['Host: a', 'Host: a'], 'invalid_request'],
    ['two Content-Type headers', ['Host: a', 'Content-Type: text/plain', 'Content-Type: application/json'], 'invalid_request'],
    ['two DPoP headers [A76]', ['Host: a', 'DPoP: a', 'dpop: b'], 'invalid_dpop_proof'],
  ])('answers 400 to %s', async (_what, headers, error) => {
    const answer = await rawRequest(port, get(...headers));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(bodyOf(answer)).toMatchObject({ error });
  });

  it.each<[string, string, number]>([
    ['no HTTP', 'nonsense\r\n\r\n', 400],
    ['headers above the limit', get('Host: a', `X: ${'x'.repeat(20_000)}`), 431],
    ['both content-length and chunked', 'POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ])('answers %s in the house format and closes', async (_what, bytes, status) => {
    const answer = await rawRequest(port, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(bodyOf(answer)).toEqual({ error: 'invalid_request' });
  });

  it.each([
    ['a body that never ends', 'POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\na='],
    ['headers that never end', 'GET /hello HTTP/1.1\r\nHost: a\r\n'],
  ])('cuts off %s', async (_what, bytes) => {
    const answer = await rawRequest(port, bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('cuts off an answer that fails half way, instead of ending it as if it were whole', async () => {
    const answer = await rawRequest(port, 'GET /half HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(answer).not.toMatch(/server_error/);
    expect(test.log.some((line) => line['msg'] === 'unexpected failure')).toBe(true);
  });
});
