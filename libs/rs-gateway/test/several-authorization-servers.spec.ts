import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { parseUmaChallenge, type Permission, type ResourceId } from '@uma-federation/uma-core';
import { eventually } from './support/eventually.ts';
import { FakeAsRo, RESOURCE_SERVER } from './support/fake-as-ro.ts';
import { challenges, GatewayUnderTest, PUBLIC_URL } from './support/gateway-under-test.ts';
import type { TestAnswer } from './support/send-request.ts';

const ROUTES = [
  { id: 'alice', path: '/alice/{id}', authorizationServer: 'acme', methods: { GET: ['view'], PUT: ['edit'] }, resource: 'alice {id}', owner: 'alice@acme.example', instances: [{ id: '1' }] },
  { id: 'hugo', path: '/hugo/{id}', authorizationServer: 'initech', methods: { GET: ['view'] }, resource: 'hugo {id}', owner: 'hugo@initech.example', instances: [{ id: '1' }] },
  { id: 'hugo-live', path: '/live', authorizationServer: 'initech', methods: { GET: ['view'] }, resource: 'live', introspect: true },
  { id: 'public', path: '/public', public: true as const, methods: ['GET'] },
];
const [ALICE, HUGO] = ['/alice/1', '/hugo/1'];

describe('A gateway with routes at several AS-ROs', () => {
  let under: GatewayUnderTest;
  let other: FakeAsRo;

  const start = async (prepare: () => void = () => undefined, unready = false): Promise<void> => {
    under = new GatewayUnderTest();
    other = new FakeAsRo(under.clock);
    await Promise.all([under.asRo.start(), other.start(), under.upstream.start()]);
    prepare();
    const authorizationServers = [
      { name: 'acme', issuer: under.asRo.issuer, ...RESOURCE_SERVER },
      { name: 'initech', issuer: other.issuer, ...RESOURCE_SERVER },
    ];
    await under.startGateway({ settings: { authorizationServer: undefined, authorizationServers, routes: ROUTES }, unready });
    other.takeCalls();
  };
  beforeEach(() => start());
  afterEach(async () => {
    await under.stop();
    await other.close();
  });

  const rptOf = (asRo: FakeAsRo, path: string, ...scopes: string[]) => asRo.mintRpt(PUBLIC_URL, [{ resourceId: asRo.idOf(`${PUBLIC_URL}${path}`), scopes }]);
  const get = (target: string, token?: string): Promise<TestAnswer> => under.send(target, token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } });
  const challengerOf = (answer: TestAnswer) => parseUmaChallenge(challenges(answer)[0] ?? '')?.asUri;
  const dead = (request: IncomingMessage): void => void request.socket.destroy();

  it('registers each resource at the AS-RO that its route names, and nowhere else', () => {
    expect(under.asRo.resources.map(({ uri }) => uri)).toEqual([`${PUBLIC_URL}${ALICE}`]);
    expect(other.resources.map(({ uri }) => uri).sort()).toEqual([`${PUBLIC_URL}${HUGO}`, `${PUBLIC_URL}/live`]);
  });

  it('sends each requester to the AS-RO of the resource, with a ticket from there', async () => {
    under.asRo.takeCalls();
    expect(challengerOf(await get(ALICE))).toBe(under.asRo.issuer);
    expect([under.asRo.takeCalls(), other.takeCalls()]).toEqual([['POST /permission'], []]);
    expect(challengerOf(await get(HUGO))).toBe(other.issuer);
    expect([under.asRo.takeCalls(), other.takeCalls()]).toEqual([[], ['POST /permission']]);
  });

  it('lets through who has an RPT of the AS-RO of the resource, the first time and when it is remembered', async () => {
    const [atAcme, atInitech] = [await rptOf(under.asRo, ALICE, 'view'), await rptOf(other, HUGO, 'view')];
    for (let round = 0; round < 2; round += 1) {
      expect([(await get(ALICE, atAcme)).status, (await get(HUGO, atInitech)).status]).toEqual([200, 200]);
    }
    expect(under.upstream.requests.map(({ headers }) => headers['x-uma-owner'])).toEqual(['alice@acme.example', 'hugo@initech.example', 'alice@acme.example', 'hugo@initech.example']);
  });

  describe('A80 RPT of one AS-RO at a route of another', () => {
    // Both fakes sign with the same key and name their first resource alike: the worst that a twin could have.
    it('is invalid, although key, audience, resource id and scope fit, also when it was accepted at its own route before', async () => {
      const everything: Permission[] = ['res_1', 'res_2'].map((id) => ({ resourceId: id as ResourceId, scopes: ['view', 'edit'] }));
      for (const [asRo, own, foreign, guardian] of [[under.asRo, ALICE, HUGO, other], [other, HUGO, ALICE, under.asRo]] as const) {
        const token = await asRo.mintRpt(PUBLIC_URL, everything);
        expect((await get(own, token)).status).toBe(200);
        under.upstream.requests.length = 0;
        const answer = await get(foreign, token);
        expect([answer.status, challengerOf(answer)]).toEqual([401, guardian.issuer]);
        expect(challenges(answer)[1]).toContain('error="invalid_token"');
        expect(under.upstream.requests).toEqual([]);
      }
    });

    it('is not shown to the other AS-RO, which could use it', async () => {
      const token = await under.asRo.mintRpt(PUBLIC_URL, [{ resourceId: other.idOf(`${PUBLIC_URL}/live`), scopes: ['view'] }]);
      expect((await get('/live', token)).status).toBe(401);
      expect(other.takeCalls()).toEqual(['POST /permission']);
      expect((await get('/live', await rptOf(other, '/live', 'view'))).status).toBe(200);
    });

    it('is judged by the keys of its own AS-RO only', async () => {
      other.keys = [fixedKeys.globex];
      under.clock.advance(60);
      const token = await other.mintRpt(PUBLIC_URL, [{ resourceId: other.idOf(`${PUBLIC_URL}${HUGO}`), scopes: ['view'] }], {}, fixedKeys.globex);
      expect((await get(HUGO, token)).status).toBe(200);
      const forged = await other.mintRpt(PUBLIC_URL, [{ resourceId: under.asRo.idOf(`${PUBLIC_URL}${ALICE}`), scopes: ['view'] }], { issuer: under.asRo.issuer }, fixedKeys.globex);
      expect((await get(ALICE, forged)).status).toBe(401);
    });
  });

  it('takes the word of an AS-RO about revoked tokens for its own tokens only', async () => {
    await under.stop();
    await other.close();
    const revoked: { jti: string; exp: number }[] = [];
    await start(() => {
      other.metadataOverride = { revocation_feed_endpoint: `${other.issuer}/revocations` };
      other.misbehaviour.set('/revocations', (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ revoked, cursor: '1', more: false }));
      });
    });
    const tokens = [await rptOf(under.asRo, ALICE, 'view'), await rptOf(other, HUGO, 'view')] as const;
    const statuses = async () => [(await get(ALICE, tokens[0])).status, (await get(HUGO, tokens[1])).status];
    expect(await statuses()).toEqual([200, 200]);
    for (const token of tokens) {
      const { jti, exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string; exp: number };
      revoked.push({ jti, exp });
    }
    under.timers.advance(2_000);
    await eventually(async () => (await statuses())[1] === 401);
    expect(await statuses()).toEqual([200, 401]);
  });

  describe('A92 when one AS-RO is away', () => {
    it('the routes of the other one go on, tickets included; its own answer 403 with Warning [G7]', async () => {
      other.misbehaviour.set('*', dead);
      expect([(await get(ALICE)).status, (await get(ALICE, await rptOf(under.asRo, ALICE, 'view'))).status]).toEqual([401, 200]);
      const answer = await get(HUGO);
      expect([answer.status, answer.headers.get('warning')]).toEqual([403, ['199 - "UMA Authorization Server Unreachable"']]);
    });

    it('its revocations that cannot be read end access to its own resources only', async () => {
      other.metadataOverride = { revocation_feed_endpoint: `${other.issuer}/revocations` };
      await under.gateway.close();
      other.misbehaviour.set('/revocations', dead);
      const authorizationServers = [
        { name: 'acme', issuer: under.asRo.issuer, ...RESOURCE_SERVER },
        { name: 'initech', issuer: other.issuer, ...RESOURCE_SERVER },
      ];
      await under.startGateway({ settings: { authorizationServer: undefined, authorizationServers, routes: ROUTES }, unready: true });
      await eventually(async () => (await get(ALICE, await rptOf(under.asRo, ALICE, 'view'))).status === 200);
      expect((await get(HUGO, await rptOf(other, HUGO, 'view'))).status).toBe(403);
    });

    it('from the beginning, the gateway is ready as soon as the other one is linked and this one was asked', async () => {
      await under.stop();
      await other.close();
      await start(() => other.misbehaviour.set('*', dead), true);
      await eventually(async () => (await get('/health/ready')).status === 200);
      expect([(await get(ALICE)).status, (await get(HUGO)).status]).toEqual([401, 403]);
      expect(under.logLines.some((line) => line.includes('"authorizationServer":"initech"') && line.includes('will be tried again'))).toBe(true);
      other.misbehaviour.clear();
      under.timers.advance(30_000);
      await under.gateway.ready();
      expect((await get(HUGO)).status).toBe(401);
    });

    it('both, the gateway is not ready', async () => {
      await under.stop();
      await other.close();
      await start(() => [under.asRo, other].forEach((asRo) => asRo.misbehaviour.set('*', dead)), true);
      await eventually(() => under.logLines.filter((line) => line.includes('will be tried again')).length >= 6);
      expect((await get('/health/ready')).status).toBe(503);
    });
  });

  describe('publishes protected resource metadata (RFC 9728)', () => {
    const METADATA = '/.well-known/oauth-protected-resource';

    it('of itself with all of them, so that whoever follows a challenge finds its as_uri there', async () => {
      const document = (await get(METADATA)).json();
      expect(document).toMatchObject({ resource: PUBLIC_URL, authorization_servers: [under.asRo.issuer, other.issuer], scopes_supported: ['edit', 'view'] });
      for (const target of [ALICE, HUGO]) expect(document['authorization_servers']).toContain(challengerOf(await get(target)));
    });

    it('of each URL with the one that guards it', async () => {
      expect((await get(`${METADATA}${HUGO}`)).json()).toMatchObject({ resource: `${PUBLIC_URL}${HUGO}`, authorization_servers: [other.issuer], scopes_supported: ['view'] });
      expect((await get(`${METADATA}${ALICE}`)).json()).toMatchObject({ resource: `${PUBLIC_URL}${ALICE}`, authorization_servers: [under.asRo.issuer], scopes_supported: ['edit', 'view'] });
    });
  });
});
