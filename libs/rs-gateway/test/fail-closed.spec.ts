import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FakeClock, fixedKeys } from '@uma-federation/testing';
import { generateDpopKey, mintDpopProof, temporarilyUnavailable } from '@uma-federation/uma-core';
import { createVolatileState } from '@uma-federation/volatile-state';
import { challenges, GatewayUnderTest, NOTE, ROUTES, type GatewayOptions } from './support/gateway-under-test.ts';
import { eventually } from './support/eventually.ts';
import { RESOURCE_SERVER } from './support/fake-as-ro.ts';
import type { TestAnswer } from './support/send-request.ts';

/** Fails like a dead host: the connection breaks. */
const dead = (request: IncomingMessage): void => void request.socket.destroy();

describe('A92 Fail-open', () => {
  let under: GatewayUnderTest;
  const start = async (options: GatewayOptions = {}): Promise<GatewayUnderTest> => (under = await GatewayUnderTest.start(options));
  afterEach(() => under.stop());

  const expectUnreachable = (answer: TestAnswer): void => {
    expect(answer.status).toBe(403);
    expect(answer.headers.get('warning')).toEqual(['199 - "UMA Authorization Server Unreachable"']);
    expect(challenges(answer)).toEqual([]);
    expect(under.upstream.requests).toEqual([]);
  };
  const authorized = async () => ({ headers: { Authorization: `Bearer ${await under.rpt([under.permission(NOTE, 'view')])}` } });

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['breaks the connection', dead],
    ['answers 500', (_request, response) => void response.writeHead(500).end()],
    ['answers 429', (_request, response) => void response.writeHead(429, { 'Retry-After': '5' }).end()],
    ['redirects', (_request, response) => void response.writeHead(302, { Location: '/permission' }).end()],
    ['answers 200', (_request, response) => void response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"ticket":"t"}')],
    ['answers no JSON', (_request, response) => void response.writeHead(201, { 'Content-Type': 'text/html' }).end('ticket')],
    ['answers without ticket', (_request, response) => void response.writeHead(201, { 'Content-Type': 'application/json' }).end('{}')],
    ['answers invalid_scope', (_request, response) => void response.writeHead(400, { 'Content-Type': 'application/json' }).end('{"error":"invalid_scope"}')],
  ])('closed when the permission endpoint %s, with and without a token [G7]', async (_description, misbehaviour) => {
    await start();
    under.asRo.misbehaviour.set('/permission', misbehaviour);
    expectUnreachable(await under.send(NOTE));
    expectUnreachable(await under.send(NOTE, { headers: { Authorization: 'Bearer garbage' } }));
  });

  it('closed when the permission endpoint does not answer within the deadline', async () => {
    await start();
    await under.gateway.close();
    await under.startGateway({ settings: { authorizationServer: { issuer: under.asRo.issuer, ...RESOURCE_SERVER, deadline: '100ms' } } });
    under.asRo.misbehaviour.set('/permission', () => undefined);
    expectUnreachable(await under.send(NOTE));
  });

  it('closed while AS-RO was never reached: no resource is known and no token is believed; then it recovers by itself', async () => {
    await start({ unready: true, prepare: (asRo) => void asRo.misbehaviour.set('*', dead) });
    const token = await under.asRo.mintRpt('https://rs.acme.example', []);
    expectUnreachable(await under.send(NOTE));
    expectUnreachable(await under.send(NOTE, { headers: { Authorization: `Bearer ${token}` } }));
    expectUnreachable(await under.send('/users/alice/notes/77'));
    expect((await under.send('/health/ready')).status).toBe(503);

    under.asRo.misbehaviour.clear();
    under.timers.advance(30_000);
    await under.gateway.ready();
    expect((await under.send('/health/ready')).status).toBe(200);
    expect((await under.send(NOTE, await authorized())).status).toBe(200);
  });

  it('closed when AS-RO claims to be somebody else', async () => {
    await start({ unready: true, prepare: (asRo) => void (asRo.metadataOverride = { issuer: 'https://as.evil.example' }) });
    await eventually(() => under.logLines.filter((line) => line.includes('issuer_mismatch')).length >= 2);
    expectUnreachable(await under.send(NOTE));
    expect(under.asRo.calls.filter((call) => call !== 'GET /.well-known/uma2-configuration')).toEqual([]);
  });

  it('closed when the keys cannot be had: a token that was never verified is not believed', async () => {
    await start({ unready: true, prepare: (asRo) => void asRo.misbehaviour.set('/jwks', dead) });
    await eventually(() => under.asRo.resources.length >= 4);
    under.clock.advance(10);
    expectUnreachable(await under.send(NOTE, await authorized()));
  });

  it('closed when the keys could not be refreshed for an hour', async () => {
    await start();
    under.asRo.misbehaviour.set('*', dead);
    under.clock.advance(3_599);
    expect((await under.send(NOTE, await authorized())).status).toBe(200);
    under.upstream.requests.length = 0;
    under.clock.advance(31);
    expectUnreachable(await under.send(NOTE, await authorized()));
  });

  it('open for verified tokens when AS-RO is down otherwise: nothing but the upstream is needed', async () => {
    await start();
    under.asRo.misbehaviour.set('*', dead);
    expect((await under.send(NOTE, await authorized())).status).toBe(200);
  });

  it('closed when introspection fails', async () => {
    await start();
    const headers = { Authorization: `Bearer ${await under.rpt([under.permission('/live/alice', 'view')])}` };
    expect((await under.send('/live/alice', { headers })).status).toBe(200);
    under.upstream.requests.length = 0;
    under.asRo.misbehaviour.set('/introspect', dead);
    expectUnreachable(await under.send('/live/alice', { headers }));
  });

  it('closed when the replay guard cannot say whether a proof was used', async () => {
    const replays = { firstSeen: () => Promise.reject(temporarilyUnavailable('redis_down', 1)) };
    await start({ overrides: { volatile: { ...createVolatileState({ clock: new FakeClock(), service: 'test' }), replays } } });
    const key = await generateDpopKey();
    const token = await under.rpt([under.permission(NOTE, 'view')], { confirmationThumbprint: key.thumbprint });
    const proof = await mintDpopProof(
      { method: 'GET', url: `https://rs.acme.example${NOTE}`, accessToken: token },
      { key, clock: under.clock, randomness: { bytes: (count) => new Uint8Array(count) } },
    );
    const answer = await under.send(NOTE, { headers: { Authorization: `DPoP ${token}`, DPoP: proof } });
    expect([answer.status, answer.headers.get('retry-after'), under.upstream.requests]).toEqual([503, ['1'], []]);
    // What needs no proof goes on.
    expect((await under.send(NOTE, await authorized())).status).toBe(200);
  });

  it.each<[string, GatewayOptions['overrides'] & object]>([
    ['signature verification', { signatures: { verify: () => Promise.reject(new Error('a fault of ours')) } }],
    ['revocations', { revocations: { isRevoked: () => { throw new Error('a fault of ours'); } } }],
  ])('500 without a word about the cause when %s throws', async (_description, overrides) => {
    await start({ overrides });
    const answer = await under.send(NOTE, await authorized());
    expect([answer.status, answer.json()['error'], answer.text.includes('fault of ours')]).toEqual([500, 'server_error', false]);
    expect(under.upstream.requests).toEqual([]);
  });

  it('500 when the limiter throws', async () => {
    const broken = { take: () => Promise.reject(new Error('a fault of ours')) };
    await start({ overrides: { limiters: { perSource: broken, perRoute: broken } } });
    expect((await under.send(NOTE)).status).toBe(500);
    expect(under.upstream.requests).toEqual([]);
  });

  it('closed for a resource of the route table that AS-RO refused to register, open for the others', async () => {
    const routes = [...ROUTES, { id: 'foreign', path: '/foreign', methods: { GET: ['view'] }, resource: 'foreign', owner: 'eve@evil.example' }];
    await start({ settings: { routes }, unready: true, prepare: (asRo) => void (asRo.refusedOwner = 'eve@evil.example') });
    await eventually(() => under.asRo.resources.length >= 4);
    await eventually(() => under.logLines.some((line) => line.includes('will be tried again')));
    expectUnreachable(await under.send('/foreign'));
    expect((await under.send('/health/ready')).status).toBe(503);
    expect((await under.send(NOTE, await authorized())).status).toBe(200);
  });

  it('forgets a withdrawn key with the next refresh', async () => {
    await start();
    const token = await under.rpt([under.permission(NOTE, 'view')]);
    expect((await under.send(NOTE, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(200);
    under.asRo.keys = [fixedKeys.acmePrevious];
    under.clock.advance(300);
    under.asRo.takeCalls();
    under.timers.advance(300_000);
    await eventually(() => under.asRo.calls.includes('GET /jwks'));
    await eventually(async () => (await under.send(NOTE, { headers: { Authorization: `Bearer ${token}` } })).status === 401);
  });
});
