import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseUmaChallenge } from '@uma-federation/uma-core';
import { eventually } from './support/eventually.ts';
import { challenges, GatewayUnderTest, NOTE, PUBLIC_URL, ROUTES, type GatewayOptions } from './support/gateway-under-test.ts';

describe('Registration of resources', () => {
  let under: GatewayUnderTest;
  const start = async (options: GatewayOptions = {}): Promise<GatewayUnderTest> => (under = await GatewayUnderTest.start(options));
  const restart = async (options: GatewayOptions = {}): Promise<string[]> => {
    await under.gateway.close();
    under.asRo.takeCalls();
    await under.startGateway({ ...options, unready: true });
    await under.gateway.ready();
    return under.asRo.takeCalls();
  };
  afterEach(() => under.stop());

  it('happens at the start, from the instances of the route table, with all scopes of the route, and the PAT as bearer token [F3] [F29]', async () => {
    await start();
    expect(under.asRo.resources).toEqual([
      expect.objectContaining({
        name: 'note 1 of alice',
        type: 'https://acme.example/types/note',
        resource_scopes: ['edit', 'view'],
        uri: `${PUBLIC_URL}${NOTE}`,
        owner: 'alice@acme.example',
      }),
      expect.objectContaining({ uri: `${PUBLIC_URL}/users/alice/notes/10` }),
      expect.objectContaining({ uri: `${PUBLIC_URL}/live/alice`, name: 'live of alice' }),
      { _id: 'res_4', name: 'vault', uri: `${PUBLIC_URL}/vault`, resource_scopes: ['view'] },
    ]);
  });

  it('is left alone by a restart', async () => {
    await start();
    const calls = await restart();
    expect(calls.filter((call) => /^(POST|PUT) \/resource/.test(call))).toEqual([]);
    expect(under.asRo.resources).toHaveLength(4);
  });

  it.each<[string, object, object]>([
    ['name', { resource: 'the vault' }, { name: 'the vault', resource_scopes: ['view'] }],
    ['type', { type: 'https://acme.example/types/vault' }, { name: 'vault', type: 'https://acme.example/types/vault' }],
    ['scopes', { methods: { GET: ['view'], POST: ['add'] } }, { name: 'vault', resource_scopes: ['add', 'view'] }],
  ])('is replaced in full when its %s differs, under the same id', async (_description, change, expected) => {
    await start();
    const routes = ROUTES.map((route) => (route.id === 'vault' ? { ...route, ...change } : route));
    const writes = async (): Promise<string[]> => (await restart({ settings: { routes } })).filter((call) => /^(POST|PUT) \/resource/.test(call));
    expect(await writes()).toEqual(['PUT /resource/res_4']);
    expect(under.asRo.resources[3]).toMatchObject({ _id: 'res_4', uri: `${PUBLIC_URL}/vault`, ...expected });
    expect(await writes()).toEqual([]);
  });

  it('is not replaced again and again by the look that the gateway takes each minute', async () => {
    await start({ prepare: (asRo) => void asRo.register({ name: 'old', resource_scopes: ['view'], uri: `${PUBLIC_URL}/vault` }) });
    under.timers.advance(60_000);
    await eventually(() => under.asRo.calls.includes('GET /resource'));
    await under.send(NOTE);
    expect(under.asRo.takeCalls().filter((call) => call.startsWith('PUT'))).toEqual([]);
  });

  it('uses the first of several resources with one URI', async () => {
    const description = { name: 'vault', resource_scopes: ['view'], uri: `${PUBLIC_URL}/vault` };
    await start({ prepare: (asRo) => void [asRo.register(description), asRo.register(description)] });
    await under.send('/vault');
    expect(under.asRo.permissionRequests.at(-1)?.resource_id).toBe('res_1');
    expect(under.asRo.resources.filter(({ uri }) => uri === `${PUBLIC_URL}/vault`)).toHaveLength(2);
  });

  it('of two replicas that start at once ends with one resource in use', async () => {
    await start();
    under.asRo.resources.length = 0;
    await under.gateway.close();
    const other = new GatewayUnderTest();
    await Promise.all([under.startGateway({ unready: true }), other.upstream.start()]);
    Object.assign(other, { asRo: under.asRo });
    await other.startGateway({ unready: true });
    await Promise.all([under.gateway.ready(), other.gateway.ready()]);
    await under.send('/vault');
    await other.send('/vault');
    const [first, second] = under.asRo.permissionRequests.slice(-2);
    expect(first?.resource_id).toBe(second?.resource_id);
    await Promise.all([other.gateway.close(), other.upstream.close()]);
  });

  it('comes back within a minute when somebody removed a resource at AS-RO', async () => {
    await start();
    under.asRo.resources.splice(3, 1);
    expect((await under.send('/vault')).status).toBe(403);
    under.timers.advance(60_000);
    await eventually(() => under.asRo.resources.length === 4);
    await eventually(async () => (await under.send('/vault')).status === 401);
  });

  it('gets a new PAT when AS-RO refuses the old one, once', async () => {
    await start();
    under.asRo.revokePats();
    expect((await under.send(NOTE)).status).toBe(401);
    expect(under.asRo.takeCalls()).toEqual(['POST /permission', 'POST /token', 'POST /permission']);
  });

  it('gets a new PAT 30 s before the old one ends, in one request for all', async () => {
    await start({ prepare: (asRo) => void (asRo.patLifetimeSeconds = 100) });
    under.clock.advance(69);
    expect((await under.send(NOTE)).status).toBe(401);
    expect(under.asRo.takeCalls()).toEqual(['POST /permission']);
    under.clock.advance(1);
    await Promise.all([under.send(NOTE), under.send(NOTE), under.send(NOTE)]);
    expect(under.asRo.takeCalls().filter((call) => call === 'POST /token')).toHaveLength(1);
  });
});

describe('Resources that the route table does not name', () => {
  let under: GatewayUnderTest;
  afterEach(() => under.stop());
  const UNKNOWN = '/users/alice/notes/77';

  it('are 404 when nobody registered them, and cost one list in 10 s however many are asked for', async () => {
    under = await GatewayUnderTest.start();
    under.clock.advance(10);
    for (let id = 100; id < 120; id += 1) expect((await under.send(`/users/alice/notes/${id}`)).status).toBe(404);
    expect(under.asRo.takeCalls()).toEqual(['GET /resource']);
    under.clock.advance(10);
    await Promise.all([under.send(UNKNOWN), under.send(UNKNOWN)]);
    expect(under.asRo.takeCalls()).toEqual(['GET /resource']);
  });

  it('are never registered by a request, with or without a token, whatever its method', async () => {
    under = await GatewayUnderTest.start();
    under.clock.advance(10);
    const token = await under.rpt([under.permission(NOTE, 'view', 'edit')]);
    await under.send(UNKNOWN);
    await under.send(UNKNOWN, { method: 'PUT', headers: { Authorization: `Bearer ${token}` }, body: 'x' });
    expect(under.asRo.takeCalls().filter((call) => !call.startsWith('GET'))).toEqual([]);
    expect(under.upstream.requests).toEqual([]);
  });

  it('are protected from when somebody registered them with the same client', async () => {
    under = await GatewayUnderTest.start();
    const id = under.asRo.register({ name: 'note 77', resource_scopes: ['view', 'edit'], uri: `${PUBLIC_URL}${UNKNOWN}`, owner: 'alice@acme.example' });
    under.clock.advance(10);
    const answer = await under.send(UNKNOWN);
    expect(answer.status).toBe(401);
    expect(parseUmaChallenge(challenges(answer)[0] ?? '')).toBeDefined();
    expect(under.asRo.takeCalls()).toEqual(['GET /resource', `GET /resource/${id}`, 'POST /permission']);
    const headers = { Authorization: `Bearer ${await under.rpt([under.permission(UNKNOWN, 'view')])}` };
    expect((await under.send(UNKNOWN, { headers })).status).toBe(200);
    expect(under.upstream.requests[0]?.headers['x-uma-owner']).toBe('alice@acme.example');
  });

  it.each([`https://rs2.acme.example${UNKNOWN}`, `${PUBLIC_URL}.evil.example${UNKNOWN}`, `${PUBLIC_URL}${UNKNOWN}?x`, `${PUBLIC_URL}/users/alice/notes/7%37`])(
    'are not those with the URI %s',
    async (uri) => {
      under = await GatewayUnderTest.start({ prepare: (asRo) => void asRo.register({ resource_scopes: ['view'], uri }) });
      under.clock.advance(10);
      expect((await under.send(UNKNOWN)).status).toBe(404);
    },
  );

  it('are found under every spelling that the canonical form leaves', async () => {
    const owner = 'a+b@x';
    const routes = [{ id: 'mail', path: '/mail/{address}', methods: { GET: ['view'] }, resource: 'mail of {address}', instances: [{ address: owner }] }];
    under = await GatewayUnderTest.start({ settings: { routes } });
    for (const target of ['/mail/a+b@x', '/mail/a%2Bb%40x', '/mail/a%2bb@x']) expect((await under.send(target)).status).toBe(401);
    expect(new Set(under.asRo.permissionRequests.map(({ resource_id }) => resource_id)).size).toBe(1);
    expect(under.asRo.permissionRequests.map(({ resource_uri }) => resource_uri)).toContain(`${PUBLIC_URL}/mail/a%2Bb%40x`);
  });
});

describe('A lookup that takes long', () => {
  it('is not waited for longer than the deadline, and goes on in the background', async () => {
    const under = await GatewayUnderTest.start();
    try {
      const id = under.asRo.register({ resource_scopes: ['view'], uri: `${PUBLIC_URL}/users/alice/notes/77`, owner: 'alice@acme.example' });
      under.clock.advance(10);
      const release: (() => void)[] = [];
      const later = (response: ServerResponse, json: () => unknown): void => void release.push(() => void response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(json())));
      under.asRo.misbehaviour.set('/resource', (_request, response) => later(response, () => under.asRo.resources.map(({ _id }) => _id)));
      under.asRo.misbehaviour.set(`/resource/${id}`, (_request, response) => later(response, () => under.asRo.resources.at(-1)));
      const waiting = under.send('/users/alice/notes/77');
      await eventually(() => release.length === 1);
      under.timers.advance(1_000);
      release[0]?.();
      await eventually(() => release.length === 2);
      under.timers.advance(500);
      expect((await waiting).status).toBe(403);
      release[1]?.();
      await eventually(async () => (await under.send('/users/alice/notes/77')).status === 401);
    } finally {
      await under.stop();
    }
  });
});

describe('One resource with many paths', () => {
  it('is asked for by its id and with the requested path as resource URI', async () => {
    const routes = [{ id: 'album', path: '/albums/{album}/{photo*}', uri: '/albums/{album}', methods: { GET: ['view'] }, resource: 'album {album}', instances: [{ album: '7' }] }];
    const under = await GatewayUnderTest.start({ settings: { routes } });
    try {
      expect((await under.send('/albums/7/2024/sea.jpg')).status).toBe(401);
      expect(under.asRo.permissionRequests).toEqual([
        { resource_id: under.permission('/albums/7').resourceId, resource_scopes: ['view'], resource_uri: `${PUBLIC_URL}/albums/7/2024/sea.jpg` },
      ]);
      const headers = { Authorization: `Bearer ${await under.rpt([under.permission('/albums/7', 'view')])}` };
      expect((await under.send('/albums/7/a/b', { headers })).status).toBe(200);
      expect((await under.send('/albums/70/a', { headers })).status).toBe(404);
    } finally {
      await under.stop();
    }
  });
});
