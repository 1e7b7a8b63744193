import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { GatewayUnderTest, NOTE, PUBLIC_URL } from './support/gateway-under-test.ts';

describe('Network calls of the gateway', () => {
  let under: GatewayUnderTest;
  beforeEach(async () => {
    under = await GatewayUnderTest.start();
  });
  afterEach(() => under.stop());

  const withRpt = async (key = fixedKeys.acme as Parameters<GatewayUnderTest['asRo']['mintRpt']>[3]) => ({
    headers: { Authorization: `Bearer ${await under.asRo.mintRpt(PUBLIC_URL, [under.permission(NOTE, 'view')], {}, key)}` },
  });

  it('a request with a sufficient RPT costs none but the upstream, also the first one and after half an hour', async () => {
    for (let round = 0; round < 4; round += 1) {
      expect((await under.send(NOTE, await withRpt())).status).toBe(200);
      under.clock.advance(600);
    }
    expect([under.asRo.takeCalls(), under.upstream.requests.length]).toEqual([[], 4]);
  });

  it('a request without token costs one: the permission request, which writes nothing', async () => {
    await under.send(NOTE);
    expect(under.asRo.takeCalls()).toEqual(['POST /permission']);
  });

  it('a key that AS-RO has begun to use is fetched when its first token comes', async () => {
    under.asRo.keys = [fixedKeys.acmePrevious, fixedKeys.acme];
    expect((await under.send(NOTE, await withRpt(fixedKeys.acmePrevious))).status).toBe(200);
    expect(under.asRo.takeCalls()).toEqual(['GET /.well-known/uma2-configuration', 'GET /jwks']);
  });

  it('unknown key ids cause one fetch of the keys in a minute', async () => {
    for (let round = 0; round < 20; round += 1) await under.send(NOTE, await withRpt({ ...fixedKeys.evil, kid: `kid-${round}` }));
    expect(under.asRo.takeCalls().filter((call) => call === 'GET /jwks')).toHaveLength(1);
    under.clock.advance(60);
    await under.send(NOTE, await withRpt({ ...fixedKeys.evil, kid: 'kid-20' }));
    expect(under.asRo.takeCalls().filter((call) => call === 'GET /jwks')).toHaveLength(1);
    expect((await under.send(NOTE, await withRpt())).status).toBe(200);
  });
});

describe('A77 Stale introspection cache: routes that ask for introspection', () => {
  let under: GatewayUnderTest;
  beforeEach(async () => {
    under = await GatewayUnderTest.start();
  });
  afterEach(() => under.stop());
  const LIVE = '/live/alice';
  const jtiOf = (token: string) => (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }).jti;

  it('ask AS-RO each time, so that a revoked token ends at once', async () => {
    const token = await under.rpt([under.permission(LIVE, 'view')]);
    const headers = { Authorization: `Bearer ${token}` };
    expect((await under.send(LIVE, { headers })).status).toBe(200);
    under.asRo.inactive.add(jtiOf(token));
    expect((await under.send(LIVE, { headers })).status).toBe(401);
    expect(under.asRo.takeCalls()).toEqual(['POST /introspect', 'POST /introspect', 'POST /permission']);
  });

  it.each<[string, Record<string, unknown>, number]>([
    ['another audience', { aud: 'https://rs2.acme.example' }, 401],
    ['an audience among others', { aud: [PUBLIC_URL, 'https://rs2.acme.example'] }, 401],
    ['another issuer', { iss: 'https://as.evil.example' }, 401],
    ['an end that has passed', { exp: 1_799_999_999 }, 401],
    ['no permissions', { permissions: undefined }, 401],
    ['a confirmation that is not understood', { cnf: { 'x5t#S256': 'a' } }, 401],
    ['an active that is no boolean', { active: 'true' }, 401],
    ['no name of the requesting party', { sub: undefined }, 401],
    ['nothing unusual', {}, 200],
  ])('do not believe an answer with %s', async (_description, override, status) => {
    const headers = { Authorization: `Bearer ${await under.rpt([under.permission(LIVE, 'view')])}` };
    under.asRo.introspectionOverride = override;
    expect((await under.send(LIVE, { headers })).status).toBe(status);
  });

  it('honour the end of a permission that ends before its token [F26]', async () => {
    const { resourceId } = under.permission(LIVE);
    const headers = { Authorization: `Bearer ${await under.rpt([under.permission(LIVE, 'view')])}` };
    for (const [times, status] of [[{ exp: under.clock.now() }, 401], [{ nbf: under.clock.now() + 1 }, 401], [{ exp: under.clock.now() + 1 }, 200]] as const) {
      under.asRo.introspectionOverride = { permissions: [{ resource_id: resourceId, resource_scopes: ['view'], ...times }] };
      expect((await under.send(LIVE, { headers })).status).toBe(status);
    }
  });
});
