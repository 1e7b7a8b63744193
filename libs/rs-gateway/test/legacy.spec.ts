import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseChallenges, parseUmaChallenge } from '@uma-federation/uma-core';
import { challenges, GatewayUnderTest, NOTE, ROUTES } from './support/gateway-under-test.ts';
import type { TestAnswer } from './support/send-request.ts';

const DIALECTS = ['draft-05', 'draft-07', '1.0.1'] as const;
const legacyRoute = (legacy: string) => ({
  id: legacy,
  path: `/${legacy}/{id}`,
  methods: { GET: ['view'], PUT: ['edit'] },
  resource: `${legacy} {id}`,
  owner: 'alice@acme.example',
  instances: [{ id: '1' }],
  legacy,
});

describe('A route in the legacy mode', () => {
  let under: GatewayUnderTest;
  beforeAll(async () => {
    under = await GatewayUnderTest.start({ settings: { routes: [...ROUTES, ...DIALECTS.map(legacyRoute)], challengeLimits: { perSource: 100_000, perRoute: 100_000 } } });
  });
  afterAll(() => under.stop());
  beforeEach(() => {
    under.upstream.requests.length = 0;
    under.asRo.takeCalls();
    under.asRo.opaqueTokens.clear();
    under.asRo.introspectionOverride = {};
  });

  /** A token of the facade with these scopes for the resource at this path. */
  const legacyToken = (path: string, ...scopes: string[]): string => {
    const token = `uma1_${'r'.repeat(43)}`;
    const permissions = [{ resource_id: under.permission(path).resourceId, resource_scopes: scopes }];
    under.asRo.opaqueTokens.set(token, { sub: 'bob@globex.example', client_id: 'legacy-client', exp: under.clock.now() + 600, permissions });
    return token;
  };
  const get = (target: string, token?: string, scheme = 'Bearer'): Promise<TestAnswer> => under.send(target, token === undefined ? {} : { headers: { Authorization: `${scheme} ${token}` } });
  const parametersOf = (answer: TestAnswer) => {
    const parsed = parseChallenges(challenges(answer).join(', ')) ?? [];
    expect(parsed.map(({ scheme }) => scheme)).toEqual(['UMA']);
    return Object.fromEntries(parsed[0]?.parameters ?? []);
  };
  const POINTER = {
    'draft-05': () => ({ realm: 'rs.acme.example', host_id: 'rs.acme.example', am_uri: under.asRo.issuer }),
    'draft-07': () => ({ realm: 'rs.acme.example', as_uri: under.asRo.issuer }),
  };

  describe.each(['draft-05', 'draft-07'] as const)('of %s', (dialect) => {
    const target = `/${dialect}/1`;

    it('without a token: 401 with a pointer to AS-RO and no ticket, and AS-RO is not asked [L1]', async () => {
      const answer = await get(target);
      expect([answer.status, parametersOf(answer), answer.text.includes('ticket')]).toEqual([401, POINTER[dialect](), false]);
      expect(answer.headers.get('cache-control')).toEqual(['no-store']);
      expect(answer.headers.get('vary')).toEqual(['Authorization, DPoP']);
      expect(under.asRo.takeCalls()).toEqual([]);
    });

    it('with an invalid token: the same [L2]', async () => {
      const answer = await get(target, 'uma1_unknown');
      expect([answer.status, parametersOf(answer), answer.text.includes('ticket')]).toEqual([401, POINTER[dialect](), false]);
      expect(under.asRo.takeCalls()).toEqual(['POST /introspect']);
    });

    it('with a valid token that has not got the permission: the permission is registered at AS-RO, and 403 with the ticket as JSON [L3]', async () => {
      const answer = await get(target, legacyToken(target, 'edit'));
      expect(answer.status).toBe(403);
      expect(Object.keys(answer.json())).toEqual(['ticket']);
      expect(answer.headers.get('content-type')?.[0]).toContain('application/json');
      expect(parametersOf(answer)).toEqual({ ...POINTER[dialect](), ...(dialect === 'draft-07' ? { error: 'insufficient_scope' } : {}) });
      expect(under.asRo.takeCalls()).toEqual(['POST /introspect', 'POST /permission']);
      expect(under.asRo.permissionRequests.at(-1)).toMatchObject({ resource_id: under.permission(target).resourceId, resource_scopes: ['view'] });
      expect(under.upstream.requests).toEqual([]);
    });
  });

  describe('of 1.0.1, whose clients can do nothing without a ticket', () => {
    const target = '/1.0.1/1';

    it.each([
      ['without a token [L1]', undefined],
      ['with an invalid token [L2]', 'uma1_unknown'],
    ])('%s: 401 with the ticket in the header', async (_description, token) => {
      const answer = await get(target, token);
      expect([answer.status, parametersOf(answer)]).toEqual([401, { realm: 'rs.acme.example', as_uri: under.asRo.issuer, ticket: expect.stringMatching(/^eyJ/) }]);
      expect(answer.text).not.toContain('ticket');
    });

    it('with a valid token that has not got the permission: 403 with the ticket in header and body [L3]', async () => {
      const answer = await get(target, legacyToken(target));
      const { ticket } = answer.json<{ ticket: string }>();
      expect([answer.status, parametersOf(answer)]).toEqual([403, { realm: 'rs.acme.example', as_uri: under.asRo.issuer, error: 'insufficient_scope', ticket }]);
    });
  });

  describe.each(DIALECTS)('of %s', (dialect) => {
    const target = `/${dialect}/1`;

    it('with a valid and sufficient token: forwarded, with who asks [L4]', async () => {
      expect((await get(target, legacyToken(target, 'view'))).status).toBe(200);
      expect(under.upstream.requests[0]?.headers).toMatchObject({ 'x-rqp-email': 'bob@globex.example', 'x-uma-client-id': 'legacy-client', 'x-uma-scopes': 'view' });
      expect(under.upstream.requests[0]?.headers).not.toHaveProperty('authorization');
    });

    it('A77 asks AS-RO about each token, so that a withdrawn one ends at once', async () => {
      const token = legacyToken(target, 'view');
      expect((await get(target, token)).status).toBe(200);
      under.asRo.opaqueTokens.clear();
      expect((await get(target, token)).status).toBe(401);
    });

    it('takes no token of UMA 2.0, and does not show it to AS-RO [L2]', async () => {
      const token = await under.rpt([under.permission(target, 'view')]);
      for (const scheme of ['Bearer', 'DPoP']) expect((await get(target, token, scheme)).status).toBe(401);
      expect((await get(target, legacyToken(target, 'view'), 'DPoP')).status).toBe(401);
      expect(under.asRo.takeCalls()).not.toContain('POST /introspect');
      expect(under.upstream.requests).toEqual([]);
    });

    it('A81 takes a permission for what it is for only [L3]', async () => {
      expect((await get(target, legacyToken(NOTE, 'view'))).status).toBe(403);
      expect((await under.send(target, { method: 'PUT', headers: { Authorization: `Bearer ${legacyToken(target, 'view')}` } })).status).toBe(403);
      under.asRo.introspectionOverride = { aud: 'https://rs2.acme.example' };
      expect((await get(target, legacyToken(target, 'view'))).status).toBe(401);
      expect(under.upstream.requests).toEqual([]);
    });

    it('A92 is closed when AS-RO cannot be asked: 403 with Warning and no ticket', async () => {
      under.asRo.misbehaviour.set('/introspect', (request) => void request.socket.destroy());
      const unverified = await get(target, legacyToken(target, 'view'));
      under.asRo.misbehaviour.clear();
      under.asRo.misbehaviour.set('/permission', (_request, response) => void response.writeHead(503).end());
      const ticketless = await get(target, legacyToken(target));
      under.asRo.misbehaviour.clear();
      for (const answer of [unverified, ticketless]) {
        expect([answer.status, answer.headers.get('warning'), challenges(answer)]).toEqual([403, ['199 - "UMA Authorization Server Unreachable"'], []]);
      }
      expect(under.upstream.requests).toEqual([]);
    });

    it('A86 builds its pointer from the configuration, whatever the request says', async () => {
      const answer = await under.send(target, { headers: { 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' } });
      expect(challenges(answer).join('')).not.toContain('evil');
    });

    it('answers malformed authorization with 400, as elsewhere', async () => {
      expect((await under.send(target, { headers: { Authorization: 'Bearer a b' } })).status).toBe(400);
    });

    it('has no protected resource metadata of its own: what that describes is not spoken here', async () => {
      expect((await get(`/.well-known/oauth-protected-resource${target}`)).status).toBe(404);
    });
  });

  it.each([NOTE, '/live/alice'])('its tokens open nothing at %s, which speaks UMA 2.0, and are not shown to AS-RO', async (target) => {
    const answer = await get(target, legacyToken(target, 'view'));
    expect([answer.status, parseUmaChallenge(challenges(answer)[0] ?? '')?.asUri]).toEqual([401, under.asRo.issuer]);
    expect(under.asRo.takeCalls()).toEqual(['POST /permission']);
    expect(under.upstream.requests).toEqual([]);
  });

  it('A94 a ticket that no header can carry makes none, and quotes stay inside it', async () => {
    const token = legacyToken('/1.0.1/1');
    under.asRo.ticketOverride = { ticket: 'a\r\nSet-Cookie: x=1' };
    const broken = await get('/1.0.1/1', token);
    under.asRo.ticketOverride = { ticket: 'a", as_uri="https://evil.example' };
    const quoted = await get('/1.0.1/1', token);
    under.asRo.ticketOverride = {};
    expect([broken.status, challenges(broken), broken.headers.get('set-cookie')]).toEqual([403, [], undefined]);
    expect(parametersOf(quoted)).toMatchObject({ as_uri: under.asRo.issuer, ticket: 'a", as_uri="https://evil.example' });
  });

  it('A74 its tickets count against the limits, and answers without one do not', async () => {
    const limited = await GatewayUnderTest.start({ settings: { routes: DIALECTS.map(legacyRoute), challengeLimits: { perSource: 2, perRoute: 100 } } });
    try {
      const statuses = [];
      for (const target of ['/draft-05/1', '/draft-07/1', '/draft-05/1', '/1.0.1/1', '/1.0.1/1', '/1.0.1/1', '/draft-07/1']) statuses.push((await limited.send(target)).status);
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 401]);
    } finally {
      await limited.stop();
    }
  });

  it('is off for routes that do not ask for it', async () => {
    expect(parseUmaChallenge(challenges(await get(NOTE))[0] ?? '')).toMatchObject({ asUri: under.asRo.issuer, ticket: expect.stringMatching(/^eyJ/) });
  });
});
