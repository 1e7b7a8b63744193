import { afterEach, describe, expect, it } from '@jest/globals';
import { createConfiguredPeer } from '@uma-federation/federation';
import { InProcessBus, type BusServer } from '@uma-federation/messaging';
import { Secret } from '@uma-federation/nest-kit';
import { FakeClock } from '@uma-federation/testing';
import { PROTECTION_API_SUCCESS, ProtocolError, readProtectionApiMessage, type JsonObject, type ProtectionApiOperation } from '@uma-federation/uma-core';
import { createVolatileState } from '@uma-federation/volatile-state';
import { AuthorizationServer } from '../src/authorization-server.ts';
import { HttpProtectionApi } from '../src/http-protection-api.ts';
import { ProtectionApiToken } from '../src/protection-api-token.ts';
import { rsGatewayConfiguration } from '../src/index.ts';
import { eventually } from './support/eventually.ts';
import { FakeAsRo, RESOURCE_SERVER } from './support/fake-as-ro.ts';
import { challenges, GatewayUnderTest, NOTE, ROUTES } from './support/gateway-under-test.ts';
import { ManualTimers } from './support/manual-timers.ts';

/** A replica of AS-RO on the bus: the fake one, asked by HTTP. It notes what it is asked, and by whom. */
async function joinBus(bus: InProcessBus, asRo: FakeAsRo, asked: string[]): Promise<BusServer> {
  const peer = createConfiguredPeer([asRo.issuer]);
  const server = new AuthorizationServer(asRo.issuer, peer);
  const token = new ProtectionApiToken({ clientId: RESOURCE_SERVER.clientId, clientSecret: new Secret(RESOURCE_SERVER.clientSecret) }, { server, peer, clock: new FakeClock() });
  const http = new HttpProtectionApi({ server, token, peer, timers: new ManualTimers(), deadlineMs: 1000 });
  const replica = bus.server('as-ro');
  for (const operation of Object.keys(PROTECTION_API_SUCCESS) as ProtectionApiOperation[]) {
    replica.addHandler(operation, async (data: unknown) => {
      const { clientId, request } = readProtectionApiMessage(operation, data);
      asked.push(`${operation} by ${clientId}`);
      if (operation === 'revocation.read') return { revoked: [], cursor: '1', more: false };
      const { status, json } = await http.call(request);
      if (status >= 400) throw new ProtocolError({ error: (json as { error: string }).error, status, reason: 'as_http' });
      return json;
    });
  }
  void replica.listen(() => undefined);
  return replica;
}

describe('a gateway on the bus of its domain', () => {
  let under: GatewayUnderTest;
  let bus: InProcessBus;
  let replica: BusServer;
  const asked: string[] = [];

  afterEach(() => under.stop());

  async function start(deadline = '1s'): Promise<void> {
    bus = new InProcessBus();
    under = new GatewayUnderTest();
    await Promise.all([under.asRo.start(), under.upstream.start()]);
    replica = await joinBus(bus, under.asRo, asked);
    const settings = { authorizationServer: { issuer: under.asRo.issuer, ...RESOURCE_SERVER, deadline } };
    await under.startGateway({ settings, overrides: { bus: bus.client('as-ro'), events: bus.events } });
    asked.length = 0;
  }
  const authorized = async () => ({ headers: { Authorization: `Bearer ${await under.rpt([under.permission(NOTE, 'view')])}` } });

  it('asks there for tickets and everything else, in the name of its client, and needs no token for it', async () => {
    await start();
    expect(under.asRo.resources.length).toBeGreaterThan(2);
    const answer = await under.send(NOTE);
    expect(answer.status).toBe(401);
    expect(challenges(answer)[0]).toMatch(/^UMA .*ticket="eyJ/);
    expect(asked).toEqual([`permission.request by ${RESOURCE_SERVER.clientId}`]);
    const live = { headers: { Authorization: `Bearer ${await under.rpt([under.permission('/live/alice', 'view')])}` } };
    expect((await under.send('/live/alice', live)).status).toBe(200);
    expect(asked.at(-1)).toBe(`rpt.introspect by ${RESOURCE_SERVER.clientId}`);
    expect((await under.send(NOTE, await authorized())).status).toBe(200);
    expect(asked).toHaveLength(2);
  });

  it('A92 answers 403 with Warning 199 when nobody answers in time; who has an RPT goes on [G7]', async () => {
    await start('150ms');
    await replica.close();
    const answer = await under.send(NOTE);
    expect([answer.status, answer.headers.get('warning')]).toEqual([403, ['199 - "UMA Authorization Server Unreachable"']]);
    expect(under.upstream.requests).toEqual([]);
    expect((await under.send(NOTE, await authorized())).status).toBe(200);
  });

  it('A92 does not let through what AS-RO refuses', async () => {
    await start();
    under.asRo.resources.length = 0;
    const answer = await under.send(NOTE);
    expect(answer.status).toBe(403);
    expect(under.upstream.requests).toEqual([]);
  });

  it.each([
    [{ type: 'share-changed', shareId: 'shr_1' }],
    [{ type: 'issuer-blocked', issuer: 'https://as.globex.example' }],
  ] as const)('reads the revocation feed at once when it hears %j', async (event) => {
    await start();
    await bus.events.publish(event as Parameters<typeof bus.events.publish>[0]);
    await eventually(() => asked.length === 1);
    expect(asked).toEqual([`revocation.read by ${RESOURCE_SERVER.clientId}`]);
  });

  it('reads the revocation feed by HTTP when nobody answers on the bus', async () => {
    await start('150ms');
    await replica.close();
    const token = await authorized();
    expect((await under.send(NOTE, token)).status).toBe(200);
    under.asRo.metadataOverride = { revocation_feed_endpoint: `${under.asRo.issuer}/revocations` };
    const { jti, exp } = JSON.parse(Buffer.from(token.headers.Authorization.split('.')[1] ?? '', 'base64url').toString()) as JsonObject;
    under.asRo.misbehaviour.set('/revocations', (_request, response) => void response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ revoked: [{ jti, exp }], cursor: '2', more: false })));
    // The endpoint is news to the gateway.
    await bus.events.publish({ type: 'keys-rotated', issuer: under.asRo.issuer });
    await eventually(() => under.asRo.calls.filter((call) => call === 'GET /jwks').length > 0);
    under.timers.advance(2_000);
    await eventually(async () => (await under.send(NOTE, token)).status !== 200);
    expect(under.asRo.calls).toContain('GET /revocations');
  });

  it('A92 lets nobody in when it has not heard for 5 s what AS-RO revoked, and goes on when it has [G67]', async () => {
    await start('150ms');
    const token = await authorized();
    expect((await under.send(NOTE, token)).status).toBe(200);
    await replica.close();
    under.asRo.metadataOverride = { revocation_feed_endpoint: `${under.asRo.issuer}/revocations` };
    under.asRo.misbehaviour.set('/revocations', (request) => void request.socket.destroy());
    await bus.events.publish({ type: 'keys-rotated', issuer: under.asRo.issuer });
    await eventually(() => under.asRo.calls.includes('GET /jwks'));
    under.clock.advance(4);
    expect((await under.send(NOTE, token)).status).toBe(200);
    under.clock.advance(1);
    const answer = await under.send(NOTE, token);
    expect([answer.status, answer.headers.get('warning')]).toEqual([403, ['199 - "UMA Authorization Server Unreachable"']]);
    replica = await joinBus(bus, under.asRo, asked);
    under.timers.advance(2_000);
    await eventually(async () => (await under.send(NOTE, token)).status === 200);
  });

  it('fetches the keys at once when it hears that they were rotated', async () => {
    await start();
    under.asRo.takeCalls();
    await bus.events.publish({ type: 'keys-rotated', issuer: under.asRo.issuer });
    await eventually(() => under.asRo.calls.includes('GET /jwks'));
  });

  it('asks the AS-RO of its own domain there, and another one that guards some of its routes by HTTP', async () => {
    bus = new InProcessBus();
    under = new GatewayUnderTest();
    const other = new FakeAsRo(under.clock);
    await Promise.all([under.asRo.start(), other.start(), under.upstream.start()]);
    replica = await joinBus(bus, under.asRo, asked);
    const authorizationServers = [
      { name: 'other', issuer: other.issuer, ...RESOURCE_SERVER },
      { name: 'own', issuer: under.asRo.issuer, ...RESOURCE_SERVER, transport: 'bus' },
    ];
    const routes = ['own', 'other'].map((name) => ({ id: name, path: `/${name}`, authorizationServer: name, methods: { GET: ['view'] }, resource: name }));
    const settings = { authorizationServer: undefined, authorizationServers, routes, redis: { address: { kind: 'standalone', host: 'nowhere.invalid' } } };
    const volatile = createVolatileState({ clock: under.clock, service: 'test' });
    await under.startGateway({ settings, overrides: { volatile, bus: bus.client('as-ro'), events: bus.events } });
    asked.length = 0;
    other.takeCalls();
    expect((await under.send('/own')).status).toBe(401);
    expect([asked.splice(0), other.takeCalls()]).toEqual([[`permission.request by ${RESOURCE_SERVER.clientId}`], []]);
    expect((await under.send('/other')).status).toBe(401);
    expect([asked.splice(0), other.takeCalls()]).toEqual([[], ['POST /permission']]);
    await other.close();
  });

  it('is a setting that needs Redis', () => {
    const settings = { publicUrl: 'https://rs.acme.example', upstream: { origin: 'http://api' }, routes: ROUTES };
    const authorizationServer = { issuer: 'https://as.acme.example', ...RESOURCE_SERVER };
    const parse = (more: object, redis?: object) => rsGatewayConfiguration.safeParse({ ...settings, authorizationServer: { ...authorizationServer, ...more }, redis });
    expect(parse({}).data?.authorizationServer?.transport).toBe('http');
    expect(parse({ transport: 'bus' }).error?.issues).toMatchObject([{ path: ['authorizationServer', 'transport'] }]);
    expect(parse({ transport: 'bus' }, { address: { kind: 'standalone', host: 'redis' } }).success).toBe(true);
  });
});
