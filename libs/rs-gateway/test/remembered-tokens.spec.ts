import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys, SequenceRandomness } from '@uma-federation/testing';
import { importDpopKey, mintDpopProof } from '@uma-federation/uma-core';
import { GatewayUnderTest, NOTE, PUBLIC_URL } from './support/gateway-under-test.ts';

const OTHER_NOTE = '/users/alice/notes/10';

describe('A token that was verified a moment ago', () => {
  let under: GatewayUnderTest;
  let token: string;
  let revoked = false;
  const bearer = (text = token) => ({ Authorization: `Bearer ${text}` });
  const statusOf = async (target = NOTE, headers: Record<string, string | string[]> = bearer(), method = 'GET'): Promise<number> =>
    (await under.send(target, { headers, method })).status;

  beforeEach(async () => {
    revoked = false;
    under = await GatewayUnderTest.start({
      overrides: { revocations: { isRevoked: () => revoked } },
      settings: { cors: { origins: ['https://app.example'] } },
    });
    token = await under.rpt([under.permission(NOTE, 'view')], { lifetimeSeconds: 20 });
    expect(await statusOf()).toBe(200);
    under.upstream.requests.length = 0;
  });
  afterEach(() => under.stop());

  it('is let through with the same headers for the upstream, and the same answer, as the first time', async () => {
    await statusOf(`${NOTE}?a=%20b`);
    const fresh = await under.rpt([under.permission(NOTE, 'view')], { lifetimeSeconds: 20 });
    await statusOf(`${NOTE}?a=%20b`, bearer(fresh));
    const [remembered, verified] = under.upstream.requests;
    expect(remembered).toEqual(verified);
    expect(remembered?.headers).toMatchObject({ 'x-rqp-email': 'bob@globex.example', 'x-uma-owner': 'alice@acme.example', 'x-uma-scopes': 'view' });
    const answer = await under.send(NOTE, { headers: { ...bearer(), Origin: 'https://app.example' } });
    expect([answer.headers.get('cache-control'), answer.headers.get('access-control-allow-origin')]).toEqual([['private'], ['https://app.example']]);
  });

  it('costs no call to AS-RO and writes no line at info', async () => {
    under.asRo.takeCalls();
    under.logLines.length = 0;
    expect([await statusOf(), under.asRo.takeCalls(), under.logLines]).toEqual([200, [], []]);
  });

  it('is refused once it is revoked', async () => {
    revoked = true;
    expect([await statusOf(), under.upstream.requests]).toEqual([401, []]);
  });

  it('is refused once it has expired, clock tolerance included', async () => {
    under.clock.advance(29);
    expect(await statusOf()).toBe(200);
    under.clock.advance(51);
    expect([await statusOf(), under.upstream.requests.length]).toEqual([401, 1]);
  });

  it.each<[string, () => Promise<number>, number]>([
    ['for another resource', () => statusOf(OTHER_NOTE), 401],
    ['for a method that needs another scope', () => statusOf(NOTE, bearer(), 'DELETE'), 401],
    ['for a resource that nobody registered', () => statusOf('/users/alice/notes/11'), 404],
    ['on a route that asks AS-RO each time', () => statusOf('/live/alice'), 401],
    ['on a route that needs a better authentication', () => statusOf('/vault'), 401],
    ['with a second token in the query', () => statusOf(`${NOTE}?access_token=a`), 400],
    ['twice', () => statusOf(NOTE, { Authorization: [`Bearer ${token}`, `Bearer ${token}`] }), 400],
    ['under the scheme DPoP', () => statusOf(NOTE, { Authorization: `DPoP ${token}` }), 401],
    ['for another host', () => statusOf(NOTE, { ...bearer(), Host: 'evil.example' }), 421],
    ['for a path with two readings', () => statusOf('/users/alice/notes/1%2f', bearer()), 400],
    ['changed in one character', () => statusOf(NOTE, bearer(`${token.slice(0, -2)}${token.at(-2) === 'A' ? 'B' : 'A'}${token.slice(-1)}`)), 401],
  ])('opens nothing %s', async (_description, send, status) => {
    expect([await send(), under.upstream.requests]).toEqual([status, []]);
  });

  it('is found under every spelling of the path, and only the canonical one goes to the upstream [A79]', async () => {
    expect(await statusOf('/%75sers/alice/notes/%31')).toBe(200);
    expect(under.upstream.requests.map(({ target }) => target)).toEqual([NOTE]);
  });
});

describe('A bound token that was verified a moment ago', () => {
  it('is not accepted as a bearer token, and needs a new proof each time [A76]', async () => {
    const under = await GatewayUnderTest.start();
    try {
      const key = await importDpopKey({ ...fixedKeys.dpop });
      const token = await under.rpt([under.permission(NOTE, 'view')], { confirmationThumbprint: key.thumbprint });
      const proof = await mintDpopProof({ method: 'GET', url: `${PUBLIC_URL}${NOTE}`, accessToken: token }, { key, randomness: new SequenceRandomness(), clock: under.clock });
      const statusOf = async (headers: Record<string, string>): Promise<number> => (await under.send(NOTE, { headers })).status;
      expect(await statusOf({ Authorization: `DPoP ${token}`, DPoP: proof })).toBe(200);
      expect(await statusOf({ Authorization: `Bearer ${token}` })).toBe(401);
      expect(await statusOf({ Authorization: `DPoP ${token}`, DPoP: proof })).toBe(401);
      expect(under.upstream.requests).toHaveLength(1);
    } finally {
      await under.stop();
    }
  });
});

describe("The gateway's own paths", () => {
  it('are answered by the gateway even when a public route covers them', async () => {
    const under = await GatewayUnderTest.start({ settings: { routes: [{ id: 'all', path: '/{rest*}', public: true, methods: ['GET'] }] } });
    try {
      expect((await under.send('/elsewhere')).status).toBe(200);
      for (const own of ['/health/live', '/health/ready', '/%68ealth/live', '/.well-known/oauth-protected-resource']) {
        expect((await under.send(own)).json()).not.toHaveProperty('upstream');
      }
      expect(under.upstream.requests.map(({ target }) => target)).toEqual(['/elsewhere']);
    } finally {
      await under.stop();
    }
  });
});
