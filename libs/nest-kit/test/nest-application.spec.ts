import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestApplication, type TestApplication } from './test-application.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('an application of the house', () => {
  let test: TestApplication;
  beforeAll(async () => {
    test = await createTestApplication();
  });
  afterAll(async () => test.application.close());
  beforeEach(() => {
    test.log.length = 0;
    test.rawLog.length = 0;
  });

  const inject = (method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS' | 'PATCH', url: string, headers = {}, payload?: string | Buffer) =>
    test.application.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });

  describe('bodies', () => {
    it('reads a form, with raw "#", "," and spaces in it', async () => {
      const answer = await inject('POST', '/form', FORM, 'resource=https://rs.example/a#b,c&scope=view edit&scope=x%20y');
      expect(answer.json()).toEqual({ resource: ['https://rs.example/a#b,c'], scope: ['view edit', 'x y'] });
    });

    it('reads JSON', async () => {
      const answer = await inject('POST', '/json', { 'content-type': 'application/json; charset=utf-8' }, '[{"resource_id":"r1"}]');
      expect(answer.json()).toEqual({ received: [{ resource_id: 'r1' }] });
    });

    it.each<[string, string, Record<string, string>, string | Buffer | undefined]>([
      ['duplicate members', '/json', JSON_TYPE, '{"a":1,"a":2}'],
      ['__proto__ [A69]', '/json', JSON_TYPE, '{"__proto__":{"admin":true}}'],
      ['JSON cut short', '/json', JSON_TYPE, '{"a":'],
      ['no JSON at all', '/json', JSON_TYPE, ''],
      ['JSON where a form is expected [T5]', '/form', JSON_TYPE, '{"grant_type":"x"}'],
      ['a form where JSON is expected', '/json', FORM, 'a=b'],
      ['text', '/form', { 'content-type': 'text/plain' }, 'a=b'],
      ['multipart [A68]', '/form', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--'],
      ['a body without content type', '/form', {}, Buffer.from('a=b')],
      ['no body', '/form', {}, undefined],
      ['a malformed content type', '/form', { 'content-type': 'nonsense' }, 'a=b'],
      ['a compressed body', '/form', { ...FORM, 'content-encoding': 'gzip' }, 'a=b'],
      ['bytes that are not UTF-8', '/form', FORM, Buffer.from([0x61, 0x3d, 0xff])],
      ['too many parameters', '/form', FORM, 'a=1&'.repeat(65)],
    ])('answers 400 invalid_request to %s', async (_what, url, headers, payload) => {
      const answer = await inject('POST', url, headers, payload);
      expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_request']);
      expect(answer.headers['cache-control']).toBe('no-store');
    });

    it('answers 413 to a body above the limit', async () => {
      const answer = await inject('POST', '/form', FORM, `a=${'x'.repeat(64 * 1024)}`);
      expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([413, 'invalid_request']);
    });
  });

  describe('paths and methods', () => {
    it.each(['/nowhere', '/hello/', '/things', '//hello', '/'])('answers 404 not_found at %s', async (url) => {
      const answer = await inject('GET', url);
      expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([404, 'not_found']);
    });

    it.each<['POST' | 'OPTIONS' | 'PATCH' | 'GET', string, string]>([
      ['POST', '/hello', 'GET, HEAD'],
      ['OPTIONS', '/hello?x=1', 'GET, HEAD'],
      ['GET', '/form', 'POST'],
      ['PATCH', '/things/t1', 'DELETE, GET, HEAD, PUT'],
      ['POST', '/health/ready', 'GET, HEAD'],
    ])('answers 405 with Allow to %s %s', async (method, url, allow) => {
      const answer = await inject(method, url);
      expect([answer.statusCode, answer.headers['allow']]).toEqual([405, allow]);
      expect(answer.json()).toMatchObject({ error: 'unsupported_method_type' });
    });

    it('answers HEAD like GET, without the body', async () => {
      const answer = await inject('HEAD', '/hello');
      expect([answer.statusCode, answer.body]).toEqual([200, '']);
    });

    it.each(['/%', '/things/%ff%zz', `/things/${'x'.repeat(600)}`])('answers a refusal in the house format to the target %s', async (url) => {
      const answer = await inject('GET', url);
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.statusCode).toBeLessThan(500);
      expect(Object.keys(answer.json<object>()).sort()).toEqual(['error', 'error_description']);
      expect(test.log).toHaveLength(1);
    });
  });

  describe('answers', () => {
    it('carry the security headers and the request id', async () => {
      for (const url of ['/hello', '/nowhere']) {
        const { headers } = await inject('GET', url, { 'x-request-id': 'abc_DEF-123' });
        expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-request-id': 'abc_DEF-123' });
      }
    });

    it.each(['', 'a'.repeat(65), 'a b', 'a\u00e9', 'x/../y', '{"a":1}'])('do not repeat the unacceptable request id %p', async (id) => {
      const { headers } = await inject('GET', '/hello', { 'x-request-id': id });
      expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('give a refusal its wire form and one log line with the reason', async () => {
      const answer = await inject('PUT', '/things/t1?secret=1', { ...JSON_TYPE, 'x-request-id': 'r-1' }, '{}');
      expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_grant']);
      expect(answer.body).not.toContain('detail for the log');
      expect(test.log).toEqual([
        expect.objectContaining({
          level: 'warn', requestId: 'r-1', method: 'PUT', route: '/things/:id', status: 400, durationMs: expect.any(Number),
          reason: 'ticket_used', error: 'invalid_grant', detail: 'detail for the log',
        }),
      ]);
    });

    it('give a fault an opaque 500 whose request id leads to the stack in the log [A78]', async () => {
      const answer = await inject('DELETE', '/things/t1');
      expect([answer.statusCode, answer.json()]).toEqual([500, { error: 'server_error', request_id: answer.headers['x-request-id'] }]);
      expect(test.log).toHaveLength(2);
      expect(test.log[0]).toMatchObject({ level: 'error', requestId: answer.headers['x-request-id'], err: { type: 'Error', stack: expect.stringContaining('test-application') } });
      expect(test.log[1]).toMatchObject({ level: 'error', status: 500, route: '/things/:id' });
      expect(test.rawLog.join('')).not.toMatch(/eyJ|globex/);
    });

    it('write one line for a good request, with the route template and not the path', async () => {
      await inject('GET', '/things/alice?x=y');
      expect(test.log).toEqual([expect.objectContaining({ level: 'info', method: 'GET', route: '/things/:id', status: 200, msg: 'request' })]);
      expect(test.rawLog.join('')).not.toMatch(/alice|x=y/);
    });
  });

  it('believes no X-Forwarded-For without trusted proxies', async () => {
    const answer = await inject('GET', '/things/t1', { 'x-forwarded-for': '203.0.113.9' });
    expect(answer.json()).toEqual({ ip: '127.0.0.1' });
  });
});

describe('an application behind a trusted proxy', () => {
  it.each([
    ['127.0.0.1', '203.0.113.9'],
    ['10.0.0.0/8', '127.0.0.1'],
  ])('takes the address in front of the proxy when %s is trusted', async (trusted, seen) => {
    const { application } = await createTestApplication({ trustedProxies: [trusted] });
    const answer = await application.inject({ method: 'GET', url: '/things/t1', headers: { 'x-forwarded-for': '198.51.100.7, 203.0.113.9' } });
    expect(answer.json()).toEqual({ ip: seen });
    await application.close();
  });
});

describe('health', () => {
  it('lives, and is ready until a check fails or it drains', async () => {
    const { application, readiness, log } = await createTestApplication();
    expect((await application.inject('/health/live')).json()).toEqual({ status: 'live' });
    expect((await application.inject('/health/ready')).statusCode).toBe(200);
    readiness.add({ name: 'postgres', deadlineMs: 1000, check: async () => Promise.reject(new Error('down')) });
    const down = await application.inject('/health/ready');
    expect([down.statusCode, down.json()]).toEqual([503, { status: 'not ready', checks: { postgres: 'down' } }]);
    readiness.drain();
    const draining = await application.inject('/health/ready');
    expect([draining.json<{ status: string }>().status, draining.headers['connection']]).toEqual(['draining', 'close']);
    expect((await application.inject('/health/live')).statusCode).toBe(200);
    expect(log.map(({ level }) => level)).toEqual(Array(5).fill('debug'));
    await application.close();
  });
});
