import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { basic, createTestServer, ECHO_GRANT, OTHER_SECRET, SECRET, type TestServer } from './test-server.ts';

const FORM = 'application/x-www-form-urlencoded';
const CONFIDENTIAL = { authorization: basic('confidential', SECRET) };

describe('the token endpoint', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer();
  });
  afterAll(async () => server.application.close());
  beforeEach(() => {
    server.rawLog.length = 0;
    server.bySource.budget = server.byClient.budget = Number.POSITIVE_INFINITY;
  });

  const outcome = (answer: { statusCode: number; body: string }) => [answer.statusCode, (JSON.parse(answer.body) as { error?: string }).error];
  const reason = (): unknown => (JSON.parse(server.rawLog.at(-1) ?? '{}') as { reason?: string }).reason;

  it('dispatches to the grant and answers with no-store [T20]', async () => {
    const answer = await server.token({ grant_type: ECHO_GRANT }, CONFIDENTIAL);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ client_id: 'confidential', method: 'client_secret_basic', resources: [], jkt: null });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache', 'content-type': expect.stringMatching(/^application\/json/) });
  });

  it('lets a grant answer with another status, with no-store as well [T20]', async () => {
    const answer = await server.token({ grant_type: ECHO_GRANT, status: '403' }, CONFIDENTIAL);
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([403, 'no-store']);
  });

  it.each(['token-exchange', 'uma-ticket', 'echo', 'password', 'Client_Credentials', 'urn:ietf:params:oauth:grant-type:uma-ticket '])(
    'answers unsupported_grant_type to the short or unknown name %p [T1]',
    async (grantType) => {
      expect(outcome(await server.token({ grant_type: grantType }, CONFIDENTIAL))).toEqual([400, 'unsupported_grant_type']);
    },
  );

  it.each(['', 'grant_type=', 'client_id=public'])('answers invalid_request to the form %p without a grant type', async (form) => {
    expect(outcome(await server.token(form, CONFIDENTIAL))).toEqual([400, 'invalid_request']);
  });

  it('answers unauthorized_client when the client is not registered for the grant type', async () => {
    expect(outcome(await server.token({ grant_type: 'client_credentials' }, { authorization: basic('other', OTHER_SECRET) }))).toEqual([400, 'unauthorized_client']);
  });

  it.each<[string, string, string]>([
    ['JSON', 'application/json', JSON.stringify({ grant_type: ECHO_GRANT })],
    ['text', 'text/plain', `grant_type=${ECHO_GRANT}`],
    ['multipart', 'multipart/form-data; boundary=b', '--b\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\nx\r\n--b--'],
  ])('refuses a body that is %s with invalid_request [T5]', async (_what, contentType, payload) => {
    const answer = await server.application.inject({ method: 'POST', url: '/token', headers: { 'content-type': contentType, ...CONFIDENTIAL }, payload });
    expect(outcome(answer)).toEqual([400, 'invalid_request']);
  });

  it('refuses other methods with 405 and Allow', async () => {
    for (const method of ['GET', 'PUT', 'OPTIONS'] as const) {
      const answer = await server.application.inject({ method, url: `/token?grant_type=${ECHO_GRANT}` });
      expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'POST']);
    }
  });

  describe('A68 parameter pollution', () => {
    it.each([
      'grant_type=G&grant_type=G',
      'grant_type=G&ticket=a&ticket=b',
      'grant_type=G&ticket=a&ticket=a',
      'grant_type=G&unknown=a&unknown=b',
      'grant_type=G&ticket[]=a',
      'grant_type=G&ticket%5Ba%5D=b',
      'grant_type=G&client_id=confidential&client_id=confidential',
    ])('refuses %s [T4]', async (form) => {
      expect(outcome(await server.token(form.replaceAll('G', encodeURIComponent(ECHO_GRANT)), CONFIDENTIAL))).toEqual([400, 'invalid_request']);
    });

    it('lets the parameters repeat that the grant names', async () => {
      const answer = await server.token(`grant_type=${ECHO_GRANT}&resource=https://a.example&resource=https://b.example`, CONFIDENTIAL);
      expect(answer.json()).toMatchObject({ resources: ['https://a.example', 'https://b.example'] });
    });

    it.each(['?grant_type=x', '?client_secret=x', '?x'])('refuses the query %p', async (query) => {
      const answer = await server.application.inject({
        method: 'POST', url: `/token${query}`, headers: { 'content-type': FORM, ...CONFIDENTIAL }, payload: `grant_type=${ECHO_GRANT}`,
      });
      expect(outcome(answer)).toEqual([400, 'invalid_request']);
    });
  });

  describe('client authentication', () => {
    it.each<[string, Record<string, string>, Record<string, string>, string]>([
      ['Basic', {}, CONFIDENTIAL, 'client_secret_basic'],
      ['Basic in another case, with the same client_id in the form', { client_id: 'confidential' }, { authorization: CONFIDENTIAL.authorization.replace('Basic', 'bASIC') }, 'client_secret_basic'],
      ['the form', { client_id: 'confidential', client_secret: SECRET }, {}, 'client_secret_post'],
      ['the name of a public client', { client_id: 'public' }, {}, 'none'],
      ['the name of a public client with an empty secret', { client_id: 'public', client_secret: '' }, {}, 'none'],
    ])('accepts %s', async (_what, form, headers, method) => {
      const answer = await server.token({ grant_type: ECHO_GRANT, ...form }, headers);
      expect(answer.json()).toMatchObject({ method });
    });

    const basicOf = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;

    it.each<[string, Record<string, string>, Record<string, string>, string]>([
      ['no client', {}, {}, 'no_client_authentication'],
      ['an unknown client', {}, { authorization: basic('nobody', SECRET) }, 'unknown_client'],
      ['an unknown public client', { client_id: 'nobody' }, {}, 'unknown_client'],
      ['a wrong secret', {}, { authorization: basic('confidential', `${SECRET}x`) }, 'wrong_secret'],
      ['the secret of another client', { client_id: 'confidential', client_secret: OTHER_SECRET }, {}, 'wrong_secret'],
      ['a confidential client that only names itself', { client_id: 'confidential' }, {}, 'secret_missing'],
      ['an empty secret', {}, { authorization: basicOf('confidential:') }, 'wrong_secret'],
      ['Basic without a colon', {}, { authorization: basicOf('confidential') }, 'basic_malformed'],
      ['Basic without a name', {}, { authorization: basicOf(`:${SECRET}`) }, 'basic_malformed'],
      ['Basic that is not form-encoded', {}, { authorization: basicOf('confidential:%zz') }, 'basic_malformed'],
      ['Basic that is not base64', {}, { authorization: 'Basic ???' }, 'basic_malformed'],
      ['Basic that is not UTF-8', {}, { authorization: `Basic ${Buffer.from([0xff, 0x3a, 0x41]).toString('base64')}` }, 'basic_malformed'],
    ])('refuses %s with invalid_client', async (_what, form, headers, why) => {
      const answer = await server.token({ grant_type: ECHO_GRANT, ...form }, headers);
      expect(outcome(answer)).toEqual([401, 'invalid_client']);
      expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
      expect(reason()).toBe(why);
    });

    it('gives unknown clients, wrong secrets and missing secrets one answer [A78]', async () => {
      const answers = await Promise.all([
        server.token({ grant_type: ECHO_GRANT }, { authorization: basic('nobody', SECRET) }),
        server.token({ grant_type: ECHO_GRANT }, { authorization: basic('confidential', OTHER_SECRET) }),
        server.token({ grant_type: ECHO_GRANT, client_id: 'confidential' }),
        server.token({ grant_type: ECHO_GRANT, client_id: 'public', client_secret: OTHER_SECRET }),
      ]);
      const comparable = answers.map(({ statusCode, body, headers }) => JSON.stringify({ statusCode, body, headers: { ...headers, date: '', 'x-request-id': '' } }));
      expect(new Set(comparable).size).toBe(1);
    });

    describe('A70 client authentication confusion', () => {
      it.each<[string, Record<string, string>, Record<string, string>]>([
        ['Basic and a secret in the form', { client_id: 'confidential', client_secret: SECRET }, CONFIDENTIAL],
        ['Basic and an assertion', { client_assertion: 'x.y.z', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }, CONFIDENTIAL],
        ['a secret and an assertion', { client_id: 'confidential', client_secret: SECRET, client_assertion: 'x.y.z' }, {}],
        ['Basic for one client and the name of another', { client_id: 'other' }, CONFIDENTIAL],
      ])('refuses %s with 400 invalid_request', async (_what, form, headers) => {
        expect(outcome(await server.token({ grant_type: ECHO_GRANT, ...form }, headers))).toEqual([400, 'invalid_request']);
      });

      it.each<[string, Record<string, string>, Record<string, string>]>([
        ['in the form', { client_id: 'public', client_secret: SECRET }, {}],
        ['in Basic', {}, { authorization: basic('public', SECRET) }],
        ['in Basic, empty', {}, { authorization: basicOf('public:') }],
      ])('refuses a secret for a public client %s with 401', async (_what, form, headers) => {
        expect(outcome(await server.token({ grant_type: ECHO_GRANT, ...form }, headers))).toEqual([401, 'invalid_client']);
        expect(reason()).toBe('secret_for_public_client');
      });

      it('refuses a client assertion, which it does not support, with 401', async () => {
        expect(outcome(await server.token({ grant_type: ECHO_GRANT, client_id: 'confidential', client_assertion: 'x.y.z' }))).toEqual([401, 'invalid_client']);
      });
    });

    describe("A71 the requesting party's own token as client authentication", () => {
      it.each(['Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2ln', 'DPoP eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2ln', 'Negotiate abc', 'Bearer'])(
        'refuses Authorization: %s',
        async (authorization) => {
          for (const form of [{}, { client_id: 'public' }]) {
            const answer = await server.token({ grant_type: ECHO_GRANT, ...form }, { authorization });
            expect(outcome(answer)).toEqual([401, 'invalid_client']);
            expect(answer.headers['www-authenticate']).toMatch(/^Basic /);
            expect(reason()).toBe('authorization_scheme_not_accepted');
          }
        },
      );
    });
  });

  describe('rate limits', () => {
    it('answers 429 with Retry-After when a client has used up its budget, before the grant runs [T22]', async () => {
      server.byClient.keys.length = 0;
      server.byClient.budget = 1;
      expect((await server.token({ grant_type: ECHO_GRANT }, CONFIDENTIAL)).statusCode).toBe(200);
      const answer = await server.token({ grant_type: ECHO_GRANT }, CONFIDENTIAL);
      expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '7']);
      expect((await server.token({ grant_type: ECHO_GRANT }, { authorization: basic('other', OTHER_SECRET) })).statusCode).toBe(200);
    });

    it('does not let a stranger use up the budget of a client', async () => {
      server.byClient.keys.length = 0;
      await server.token({ grant_type: ECHO_GRANT }, { authorization: basic('confidential', OTHER_SECRET) });
      expect(server.byClient.keys).toEqual([]);
    });

    it('counts every request of a source, whatever it is', async () => {
      server.bySource.keys.length = 0;
      server.bySource.budget = 2;
      const statuses = [];
      for (const form of ['', 'grant_type=x', `grant_type=${ECHO_GRANT}`]) statuses.push((await server.token(form, CONFIDENTIAL)).statusCode);
      expect(statuses).toEqual([400, 400, 429]);
      expect(server.bySource.keys).toEqual(Array(3).fill('127.0.0.1'));
    });
  });

  it('writes neither secrets nor tokens to the log [A78]', async () => {
    await server.token({ grant_type: ECHO_GRANT, client_id: 'confidential', client_secret: 'canary-secret-in-the-form', ticket: 'canary-ticket' });
    await server.token({ grant_type: 'canary-grant' }, { authorization: basic('canary-client', 'canary-secret') });
    await server.token('canary[]=1&grant_type=x&grant_type=canary-grant', { dpop: 'canary-proof' });
    expect(server.rawLog).toHaveLength(3);
    expect(server.rawLog.join('')).not.toMatch(/canary|Y2FuYXJ5/);
  });
});
