import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { parseUmaChallenge, type Issuer } from '@uma-federation/uma-core';
import { challenges, GatewayUnderTest, NOTE, PUBLIC_URL } from './support/gateway-under-test.ts';
import type { TestAnswer } from './support/send-request.ts';

const RESOURCE_METADATA = `resource_metadata="${PUBLIC_URL}/.well-known/oauth-protected-resource"`;

describe('The decision table of protocol.md 3.5', () => {
  let under: GatewayUnderTest;
  const revoked = new Set<string>();

  beforeAll(async () => {
    under = await GatewayUnderTest.start({ overrides: { revocations: { isRevoked: ({ tokenId }) => revoked.has(tokenId) } } });
  });
  afterAll(() => under.stop());

  const expectChallenge = (answer: TestAnswer, ...others: string[]): void => {
    expect(answer.status).toBe(401);
    const [uma = '', ...rest] = challenges(answer);
    expect(parseUmaChallenge(uma)).toMatchObject({ realm: 'rs.acme.example', asUri: under.asRo.issuer });
    expect(rest).toEqual(others);
    expect(answer.json()).toMatchObject({ error: 'uma_authorization_required', ticket: parseUmaChallenge(uma)?.ticket });
  };
  const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

  describe('no token', () => {
    it('answers 401 with a ticket for what the route needs, UMA first and Bearer on a line of its own [G4] [G5] [G6]', async () => {
      const answer = await under.send(NOTE);
      expectChallenge(answer, `Bearer ${RESOURCE_METADATA}`);
      expect(under.asRo.permissionRequests.at(-1)).toEqual({
        resource_id: under.permission(NOTE).resourceId,
        resource_scopes: ['view'],
        resource_uri: `${PUBLIC_URL}${NOTE}`,
      });
      const challenge = parseUmaChallenge(challenges(answer)[0] ?? '');
      expect(answer.json()).toEqual({
        error: 'uma_authorization_required',
        as_uri: under.asRo.issuer,
        ticket: challenge?.ticket,
        resource_claims_token: challenge?.resourceClaimsToken,
        issued_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      });
    });

    it('asks for the scopes of the method, those of GET for HEAD, and leaves the query out of the resource URI [G5]', async () => {
      await under.send(`${NOTE}?draft=1`, { method: 'PUT', body: 'x' });
      expect(under.asRo.permissionRequests.at(-1)).toMatchObject({ resource_scopes: ['edit'], resource_uri: `${PUBLIC_URL}${NOTE}` });
      const head = await under.send(NOTE, { method: 'HEAD' });
      expect(under.asRo.permissionRequests.at(-1)).toMatchObject({ resource_scopes: ['view'] });
      expect([head.status, head.text, challenges(head).length]).toEqual([401, '', 2]);
    });

    it('takes another authentication scheme for no token', async () => {
      expectChallenge(await under.send(NOTE, { headers: { Authorization: 'Basic YTpi' } }), `Bearer ${RESOURCE_METADATA}`);
    });

    it('keeps all challenges together under 4 KiB', async () => {
      const answer = await under.send(NOTE);
      expect(challenges(answer).join('').length).toBeGreaterThan(500);
      expect(challenges(answer).join('').length).toBeLessThan(4096);
    });
  });

  it.each([
    ['no token behind the scheme', { Authorization: 'Bearer' }],
    ['two tokens', { Authorization: 'Bearer a b' }],
    ['parameters', { Authorization: 'Bearer token="a"' }],
    ['characters that no token has', { Authorization: 'Bearer a$b' }],
    ['DPoP without a token', { Authorization: 'DPoP ' }],
    ['two Authorization headers', { Authorization: ['Bearer a', 'Bearer b'] }],
  ])('malformed authorization, %s: 400 without a ticket', async (_description, headers) => {
    under.asRo.takeCalls();
    const answer = await under.send(NOTE, { headers });
    expect(answer.status).toBe(400);
    expect(challenges(answer)).toEqual(['Bearer error="invalid_request"']);
    expect(answer.json()).toEqual({ error: 'invalid_request' });
    expect(under.asRo.takeCalls()).toEqual([]);
  });

  describe('invalid token: 401 with a ticket and invalid_token [G41] [G42]', () => {
    const good = () => under.permission(NOTE, 'view');
    it.each<[string, () => Promise<string>]>([
      ['garbage', async () => 'garbage'],
      ['of another issuer', () => under.rpt([good()], { issuer: 'https://as.evil.example' as Issuer })],
      ['signed by somebody else', () => under.asRo.mintRpt(PUBLIC_URL, [good()], {}, { ...fixedKeys.evil, kid: fixedKeys.acme.kid })],
      ['signed with a key that AS-RO does not publish', () => under.asRo.mintRpt(PUBLIC_URL, [good()], {}, fixedKeys.evil)],
      ['with a cut signature', async () => (await under.rpt([good()])).slice(0, -4)],
    ])('%s', async (_description, mint) => {
      const before = under.upstream.requests.length;
      expectChallenge(await under.send(NOTE, bearer(await mint())), `Bearer error="invalid_token", ${RESOURCE_METADATA}`);
      expect(under.upstream.requests).toHaveLength(before);
    });

    it('expired, although it was accepted and remembered before', async () => {
      const token = await under.rpt([good()], { lifetimeSeconds: 100 });
      expect((await under.send(NOTE, bearer(token))).status).toBe(200);
      under.clock.advance(100 + 59);
      expect((await under.send(NOTE, bearer(token))).status).toBe(200);
      under.clock.advance(1);
      expectChallenge(await under.send(NOTE, bearer(token)), `Bearer error="invalid_token", ${RESOURCE_METADATA}`);
    });

    it('revoked, although it was accepted and remembered before', async () => {
      const token = await under.rpt([good()]);
      expect((await under.send(NOTE, bearer(token))).status).toBe(200);
      revoked.add((JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }).jti);
      expectChallenge(await under.send(NOTE, bearer(token)), `Bearer error="invalid_token", ${RESOURCE_METADATA}`);
    });
  });

  describe('A80 RPT replay at another RS', () => {
    it.each(['https://rs2.acme.example', `${PUBLIC_URL}/`, 'https://rs.acme.example.evil.example', 'https://RS.acme.example', `${PUBLIC_URL}${NOTE}`])(
      'a token for %s is invalid here',
      async (audience) => {
        const token = await under.asRo.mintRpt(audience, [under.permission(NOTE, 'view')]);
        expectChallenge(await under.send(NOTE, bearer(token)), `Bearer error="invalid_token", ${RESOURCE_METADATA}`);
      },
    );
  });

  describe('A81 RPT for another resource or scope: 401 with a new ticket [G43]', () => {
    it.each<[string, () => Parameters<GatewayUnderTest['rpt']>[0]]>([
      ['another note of the same owner', () => [under.permission('/users/alice/notes/10', 'view')]],
      ['a longer scope', () => [under.permission(NOTE, 'viewer')]],
      ['a shorter scope', () => [under.permission(NOTE, 'vie')]],
      ['no scope', () => [under.permission(NOTE)]],
      ['another scope', () => [under.permission(NOTE, 'edit')]],
      ['scopes of one resource and the id of another', () => [under.permission(NOTE), under.permission('/users/alice/notes/10', 'view')]],
    ])('%s', async (_description, permissions) => {
      const before = under.upstream.requests.length;
      const requests = under.asRo.permissionRequests.length;
      expectChallenge(await under.send(NOTE, bearer(await under.rpt(permissions()))), `Bearer error="insufficient_scope", ${RESOURCE_METADATA}`);
      expect(under.asRo.permissionRequests).toHaveLength(requests + 1);
      expect(under.upstream.requests).toHaveLength(before);
    });

    it('a permission to view does not let anybody edit', async () => {
      const answer = await under.send(NOTE, { method: 'DELETE', ...bearer(await under.rpt([under.permission(NOTE, 'view')])) });
      expectChallenge(answer, `Bearer error="insufficient_scope", ${RESOURCE_METADATA}`);
    });
  });

  describe('authentication too weak for the route (RFC 9470), although the RPT has the permission [F30, S8]', () => {
    const expected = `Bearer error="insufficient_user_authentication", acr_values="urn:acr:mfa urn:acr:hw", max_age="300", ${RESOURCE_METADATA}`;
    it.each<[string, object, boolean]>([
      ['no acr', { authTime: 1_800_000_000 }, false],
      ['another acr', { acr: 'urn:acr:pwd' }, false],
      ['no authentication time', { acr: 'urn:acr:mfa', authTime: undefined }, false],
      ['too long ago', { acr: 'urn:acr:mfa', ageSeconds: 361 }, false],
      ['good enough', { acr: 'urn:acr:hw', ageSeconds: 300 }, true],
    ])('%s', async (_description, claims: { acr?: string; ageSeconds?: number }, allowed) => {
      const { ageSeconds, ...rest } = claims;
      const authTime = ageSeconds === undefined ? {} : { authTime: under.clock.now() - ageSeconds };
      const answer = await under.send('/vault', bearer(await under.rpt([under.permission('/vault', 'view')], { ...rest, ...authTime })));
      if (allowed) expect(answer.status).toBe(200);
      else expectChallenge(answer, expected);
    });

    it('tells AS-RO what the route wants, so that the process of the ticket asks for it', async () => {
      await under.send('/vault');
      expect(under.asRo.permissionRequests.at(-1)).toMatchObject({ acr_values: 'urn:acr:mfa urn:acr:hw', max_age: 300 });
    });
  });

  it('AS-RO failing: 403 with Warning and no challenge [G7]', async () => {
    under.asRo.misbehaviour.set('/permission', (_request, response) => void response.writeHead(503).end());
    const answer = await under.send(NOTE);
    under.asRo.misbehaviour.clear();
    expect(answer.status).toBe(403);
    expect(answer.headers.get('warning')).toEqual(['199 - "UMA Authorization Server Unreachable"']);
    expect(challenges(answer)).toEqual([]);
  });

  it('unknown route: 404 without contacting AS-RO', async () => {
    under.asRo.takeCalls();
    for (const target of ['/', '/users', '/users/alice/notes', '/users/alice/notes/1/x', '/USERS/alice/notes/1', '/public']) {
      expect((await under.send(target)).status).toBe(404);
    }
    expect(under.asRo.takeCalls()).toEqual([]);
  });

  it.each([200, 201, 302, 401, 404, 409, 500, 503])('allowed: the upstream decides the status, such as %i', async (status) => {
    under.upstream.answer = (_request, response) => void response.writeHead(status, { 'X-Upstream': 'yes' }).end('body');
    const answer = await under.send(NOTE, bearer(await under.rpt([under.permission(NOTE, 'view', 'edit')])));
    expect([answer.status, answer.text, answer.headers.get('x-upstream')]).toEqual([status, 'body', ['yes']]);
  });

  it('allowed: a scheme in another case is the same scheme', async () => {
    const token = await under.rpt([under.permission(NOTE, 'view')]);
    expect((await under.send(NOTE, { headers: { Authorization: `bEARER ${token}` } })).status).not.toBe(401);
  });
});
