import { beforeEach, describe, expect, it } from '@jest/globals';
import { DiscoveryFailure, type Issuer, type IssuerDirectory, type IssuerRole, type JsonObject } from '@uma-federation/uma-core';
import { StandingClock, address, ecKey, fakeStrangers, type FakeAnswer, type FakeStrangers } from '../test/fakes.ts';
import { HttpIssuerDirectory, type HttpIssuerDirectoryOptions } from './http-issuer-directory.ts';
import { OIDC_ISSUER_REL, RESOURCE_OWNER_ISSUER_REL } from './issuer-rels.ts';

const AS = 'https://as.bar.example' as Issuer;
const webFingerOf = (domain: string): string => `https://${domain}/.well-known/webfinger`;
const metadataUrl = (issuer: string): string => `${issuer}/.well-known/oauth-authorization-server`;
const jrd = (href: string, rel = OIDC_ISSUER_REL): FakeAnswer => ({ json: { links: [{ rel, href }] } });
const metadata = (issuer: string, members: JsonObject = {}): FakeAnswer => ({ json: { issuer, jwks_uri: `${issuer}/jwks`, ...members } });
const jwks = (...keys: JsonObject[]): FakeAnswer => ({ json: { keys } });

const world = { [webFingerOf('bar.example')]: jrd(AS), [metadataUrl(AS)]: metadata(AS), [`${AS}/jwks`]: jwks(ecKey('k1')) };
let clock: StandingClock;
let strangers: FakeStrangers;
let directory: HttpIssuerDirectory;

function settle(answers: Record<string, FakeAnswer>, options: Partial<HttpIssuerDirectoryOptions> = {}): void {
  clock = new StandingClock();
  strangers = fakeStrangers(answers);
  directory = new HttpIssuerDirectory({ fetch: strangers, clock, ...options });
}
beforeEach(() => settle(world));

async function issuerOf(email: string, role: IssuerRole = 'requesting-party', from: IssuerDirectory = directory): Promise<string> {
  return from.issuerFor(address(email), role).catch((error: unknown) => {
    if (error instanceof DiscoveryFailure) return error.reason;
    throw error;
  });
}
const askedFor = (url: string): number => strangers.asked.filter((asked) => asked === url).length;

describe('HttpIssuerDirectory', () => {
  it('finds the issuer that the domain names, once its metadata stands by it', async () => {
    expect(await issuerOf('bob@bar.example')).toBe(AS);
    expect(strangers.asked).toEqual([webFingerOf('bar.example'), metadataUrl(AS)]);
  });

  it('keeps the two roles of a domain apart', async () => {
    const ro = 'https://as-ro.bar.example';
    settle({ ...world, [webFingerOf('bar.example')]: { json: { links: [{ rel: OIDC_ISSUER_REL, href: AS }, { rel: RESOURCE_OWNER_ISSUER_REL, href: ro }] } }, [metadataUrl(ro)]: metadata(ro) });
    expect([await issuerOf('bob@bar.example'), await issuerOf('bob@bar.example', 'resource-owner')]).toEqual([AS, ro]);
    expect(strangers.queries[0]?.getAll('rel')).toEqual([OIDC_ISSUER_REL]);
  });

  it('asks nobody about a pinned domain', async () => {
    settle({}, { pinnedIssuers: [{ domain: 'bar.example', role: 'requesting-party', issuer: AS }] });
    expect(await issuerOf('bob@bar.example')).toBe(AS);
    expect(strangers.asked).toEqual([]);
    expect(await issuerOf('bob@bar.example', 'resource-owner')).toBe('metadata_not_found');
  });

  it('remembers the issuer of a domain for 10 minutes, whoever asks', async () => {
    await issuerOf('bob@bar.example');
    clock.advance(599);
    await issuerOf('carol@bar.example');
    expect(askedFor(webFingerOf('bar.example'))).toBe(1);
    clock.advance(1);
    await issuerOf('bob@bar.example');
    expect(askedFor(webFingerOf('bar.example'))).toBe(2);
  });

  it('remembers links per address where domains let people publish their own', async () => {
    settle(world, { answersHoldFor: 'address' });
    await issuerOf('bob@bar.example');
    strangers.answers = { ...world, [webFingerOf('bar.example')]: jrd('https://mallory.example'), [metadataUrl('https://mallory.example')]: metadata('https://mallory.example') };
    expect([await issuerOf('mallory@bar.example'), await issuerOf('bob@bar.example')]).toEqual(['https://mallory.example', AS]);
  });

  it('asks once for any number of concurrent callers', async () => {
    const found = await Promise.all(Array.from({ length: 100 }, (_, index) => issuerOf(`bob${index % 10}@bar.example`)));
    expect(new Set(found)).toEqual(new Set([AS]));
    expect(strangers.asked).toEqual([webFingerOf('bar.example'), metadataUrl(AS)]);
  });

  it.each(['timeout', 'tls_failure', 'connection_failure', 'dns_failure', 'address_forbidden'])('leaves a domain alone for 60 s after %s: the circuit breaker', async (reason) => {
    settle({ ...world, [webFingerOf('bar.example')]: reason });
    expect(await issuerOf('bob@bar.example')).toBe(reason);
    strangers.answers = world;
    clock.advance(59);
    expect(await issuerOf('carol@bar.example')).toBe(reason);
    expect(strangers.asked).toHaveLength(1);
    clock.advance(1);
    expect(await issuerOf('carol@bar.example')).toBe(AS);
  });

  it('leaves an issuer alone for 60 s when its metadata cannot be had', async () => {
    settle({ ...world, [metadataUrl(AS)]: { status: 500 } });
    expect(await issuerOf('bob@bar.example')).toBe('metadata_status');
    strangers.answers = world;
    expect(await issuerOf('bob@bar.example')).toBe('metadata_status');
    await expect(directory.keysOf(AS).find('k1', 'ES256')).rejects.toThrow('metadata_status');
    expect(askedFor(metadataUrl(AS))).toBe(1);
    clock.advance(60);
    expect(await issuerOf('bob@bar.example')).toBe(AS);
  });

  it('fetches keys at the first find, by way of the issuer’s own metadata', async () => {
    const keys = directory.keysOf(AS);
    expect(strangers.asked).toEqual([]);
    expect((await keys.find('k1', 'ES256'))?.kid).toBe('k1');
    expect(strangers.asked).toEqual([metadataUrl(AS), `${AS}/jwks`]);
    await directory.keysOf(AS).find('k1', 'ES256');
    expect(strangers.asked).toHaveLength(2);
  });

  it('does not fetch metadata twice for an issuer and its keys', async () => {
    await issuerOf('bob@bar.example');
    await directory.keysOf(AS).find('k1', 'ES256');
    expect(askedFor(metadataUrl(AS))).toBe(1);
  });

  it('lets bugs through as bugs and does not remember them', async () => {
    const broken = Object.assign(async () => Promise.reject(new TypeError('bug')), { policy: strangers.policy });
    const withBug = new HttpIssuerDirectory({ fetch: broken, clock });
    await expect(withBug.issuerFor(address('bob@bar.example'), 'requesting-party')).rejects.toThrow(TypeError);
    await expect(withBug.keysOf(AS).find('k1', 'ES256')).rejects.toThrow(TypeError);
  });
});

describe('A31 sub-domain or suffix confusion', () => {
  it.each(['https://bar.example.evil', 'https://evilbar.example', 'https://sub.bar.example', 'https://bar.example:8443', 'https://bar.example/path', 'https://bar.example@evil', 'https://bar.example.', 'https://BAR.example', 'https://bar.example/', 'http://bar.example'])(
    'gives %s no key of https://bar.example, even where the same documents are served',
    async (iss) => {
      const own = metadata('https://bar.example');
      settle({ 'https://bar.example/jwks': jwks(ecKey('k1')) });
      const mirror = Object.assign(
        async (...parameters: Parameters<FakeStrangers>) =>
          parameters[0].endsWith('/jwks') ? strangers(...parameters) : { status: 200, headers: {}, url: parameters[0], ...(typeof own === 'string' ? {} : { json: own.json ?? null }) },
        { policy: strangers.policy },
      );
      directory = new HttpIssuerDirectory({ fetch: mirror, clock });
      await expect(directory.keysOf(iss as Issuer).find('k1', 'ES256')).rejects.toThrow('issuer_mismatch');
      expect((await directory.keysOf('https://bar.example' as Issuer).find('k1', 'ES256'))?.kid).toBe('k1');
    },
  );

  it('finds such an issuer when the domain itself names it exactly', async () => {
    const named = 'https://sub.bar.example';
    settle({ [webFingerOf('bar.example')]: jrd(named), [metadataUrl(named)]: metadata(named) });
    expect(await issuerOf('bob@bar.example')).toBe(named);
  });
});

describe('A43 fallback downgrade', () => {
  const own = 'https://bar.example';
  const published = { [metadataUrl(own)]: metadata(own) };

  it.each([404, 410])('falls back to the domain itself after a clean %d', async (status) => {
    settle({ ...published, [webFingerOf('bar.example')]: { status } });
    expect(await issuerOf('bob@bar.example')).toBe(own);
    expect(new Set(strangers.asked.map((url) => new URL(url).host))).toEqual(new Set(['bar.example']));
  });

  it('tries oauth-authorization-server first and openid-configuration then', async () => {
    settle({ [`${own}/.well-known/openid-configuration`]: metadata(own) });
    expect(await issuerOf('bob@bar.example')).toBe(own);
    expect(strangers.asked).toEqual([webFingerOf('bar.example'), metadataUrl(own), `${own}/.well-known/openid-configuration`]);
  });

  it.each(['timeout', 'tls_failure', 'connection_failure', 'dns_failure'])('does not fall back after %s', async (reason) => {
    settle({ ...published, [webFingerOf('bar.example')]: reason });
    expect(await issuerOf('bob@bar.example')).toBe(reason);
    expect(strangers.asked).toHaveLength(1);
  });

  it.each([500, 503, 403, 429])('does not fall back after %d', async (status) => {
    settle({ ...published, [webFingerOf('bar.example')]: { status } });
    expect(await issuerOf('bob@bar.example')).toBe('webfinger_status');
    expect(strangers.asked).toHaveLength(1);
  });

  it('takes the issuer that WebFinger names though the well-known of the domain names another', async () => {
    settle({ ...world, ...published });
    expect(await issuerOf('bob@bar.example')).toBe(AS);
  });

  it('does not fall back when the named issuer fails or no link is usable: a 200 is final', async () => {
    settle({ ...published, [webFingerOf('bar.example')]: jrd(AS) });
    expect(await issuerOf('bob@bar.example')).toBe('metadata_not_found');
    settle({ ...published, [webFingerOf('bar.example')]: { json: { links: [] } } });
    expect(await issuerOf('bob@bar.example')).toBe('no_issuer_link');
    expect(strangers.asked).toHaveLength(1);
  });

  it.each(['https://bar.example/', 'https://www.bar.example', 'https://evil.example'])('refuses a fallback document whose issuer is %s', async (issuer) => {
    settle({ [metadataUrl(own)]: metadata(issuer) });
    expect(await issuerOf('bob@bar.example')).toBe('issuer_mismatch');
  });

  it('lets a 404 about a made-up person decide nothing for the others of the domain', async () => {
    settle({ ...world, ...published, [webFingerOf('bar.example')]: { status: 404 } });
    expect(await issuerOf('nobody@bar.example')).toBe(own);
    strangers.answers = world;
    expect(await issuerOf('bob@bar.example')).toBe(AS);
  });

  it('lets a concurrent question about a made-up person decide nothing either', async () => {
    const fetch = Object.assign(
      (...parameters: Parameters<FakeStrangers>) => (parameters[0].includes('nobody') ? Promise.resolve({ status: 404, headers: {}, url: parameters[0] }) : strangers(...parameters)),
      { policy: strangers.policy },
    );
    directory = new HttpIssuerDirectory({ fetch, clock });
    expect(await Promise.all([issuerOf('nobody@bar.example'), issuerOf('bob@bar.example'), issuerOf('bob@bar.example')])).toEqual(['metadata_not_found', AS, AS]);
    expect(askedFor(webFingerOf('bar.example'))).toBe(1);
  });
});

describe('A45 cross-tenant cache poisoning', () => {
  it('keeps the keys of two tenants apart though their key ids are the same', async () => {
    const [one, two] = ['https://as.example/one', 'https://as.example/two'] as [Issuer, Issuer];
    const keyOne = ecKey('same');
    const keyTwo = ecKey('same');
    settle({
      'https://as.example/.well-known/oauth-authorization-server/one': metadata(one),
      'https://as.example/.well-known/oauth-authorization-server/two': metadata(two),
      [`${one}/jwks`]: jwks(keyOne),
      [`${two}/jwks`]: jwks(keyTwo),
    });
    expect((await directory.keysOf(one).find('same', 'ES256'))?.x).toBe(keyOne['x']);
    expect((await directory.keysOf(two).find('same', 'ES256'))?.x).toBe(keyTwo['x']);
    expect((await directory.keysOf(one).find('same', 'ES256'))?.x).toBe(keyOne['x']);
  });

  it('takes no key for an issuer from metadata that another issuer serves', async () => {
    const evil = 'https://evil.example' as Issuer;
    settle({ ...world, [metadataUrl(evil)]: metadata(AS, { jwks_uri: `${evil}/jwks` }), [`${evil}/jwks`]: jwks(ecKey('planted')) });
    await expect(directory.keysOf(evil).find('planted', 'ES256')).rejects.toThrow('issuer_mismatch');
    expect(await directory.keysOf(AS).find('planted', 'ES256')).toBeUndefined();
    expect(askedFor(`${evil}/jwks`)).toBe(0);
  });
});

describe('A46 discovery amplification', () => {
  const limits = { global: { burst: 10, perMinute: 60 }, perCaller: { burst: 3, perMinute: 6 } };

  it('asks only as many unknown domains as the caller may, and everybody together', async () => {
    settle({}, { limits });
    const mallory = directory.forCaller('mallory');
    for (let index = 0; index < 50; index += 1) await issuerOf(`x@random-${index}.example`, 'requesting-party', mallory);
    expect(strangers.asked.filter((url) => url.endsWith('/webfinger'))).toHaveLength(3);
    expect(await issuerOf('x@random-99.example', 'requesting-party', mallory)).toBe('discovery_budget');
    for (let index = 0; index < 50; index += 1) await issuerOf(`x@random-${index}.example`, 'requesting-party', directory.forCaller(`caller-${index}`));
    expect(strangers.asked.filter((url) => url.endsWith('/webfinger'))).toHaveLength(10);
  });

  it('does not remember an empty budget as the domain’s fault', async () => {
    settle(world, { limits });
    const mallory = directory.forCaller('mallory');
    for (let index = 0; index < 3; index += 1) await issuerOf(`x@random-${index}.example`, 'requesting-party', mallory);
    expect(await issuerOf('bob@bar.example', 'requesting-party', mallory)).toBe('discovery_budget');
    expect(await issuerOf('bob@bar.example', 'requesting-party', directory.forCaller('carol'))).toBe(AS);
    expect(await issuerOf('bob@bar.example', 'requesting-party', mallory)).toBe(AS);
  });

  it('counts unknown issuers of keys, too', async () => {
    settle(world, { limits });
    const mallory = directory.forCaller('mallory');
    const reasons = new Set<string>();
    for (let index = 0; index < 20; index += 1) {
      await mallory.keysOf(`https://as-${index}.example` as Issuer).find('k', 'ES256').catch((error: DiscoveryFailure) => reasons.add(error.reason));
    }
    expect(reasons).toEqual(new Set(['metadata_not_found', 'discovery_budget']));
    expect(new Set(strangers.asked.map((url) => new URL(url).host)).size).toBe(3);
    await expect(mallory.keysOf(AS).find('k1', 'ES256')).rejects.toThrow('discovery_budget');
    expect((await directory.forCaller('carol').keysOf(AS).find('k1', 'ES256'))?.kid).toBe('k1');
  });

  it('answers about known domains and issuers while the budget is empty, also after they expired', async () => {
    settle(world, { limits });
    await issuerOf('bob@bar.example');
    await directory.keysOf(AS).find('k1', 'ES256');
    clock.advance(601);
    for (let index = 0; index < 50; index += 1) await issuerOf(`x@random-${index}.example`);
    expect(await issuerOf('x@random-99.example')).toBe('discovery_budget');
    expect(await issuerOf('bob@bar.example')).toBe(AS);
    expect((await directory.keysOf(AS).find('k1', 'ES256'))?.kid).toBe('k1');
  });

  it('keeps a known domain no longer for free once it says 404 about made-up people', async () => {
    settle(world, { limits });
    await issuerOf('bob@bar.example');
    clock.advance(601);
    strangers.answers = { ...world, [webFingerOf('bar.example')]: { status: 404 } };
    const before = askedFor(webFingerOf('bar.example'));
    for (let index = 0; index < 50; index += 1) await issuerOf(`nobody-${index}@bar.example`);
    expect(askedFor(webFingerOf('bar.example')) - before).toBe(11);
  });

  it('asks an unknown domain once in 60 s however often it fails', async () => {
    settle({ [webFingerOf('dead.example')]: 'timeout' });
    for (let index = 0; index < 50; index += 1) await issuerOf(`x${index}@dead.example`);
    expect(strangers.asked).toHaveLength(1);
  });
});

describe('A server that takes permission tickets', () => {
  const umaTicket = ['urn:ietf:params:oauth:grant-type:uma-ticket'];
  const requireUma = (issuer = AS, from: IssuerDirectory = directory): Promise<string> =>
    from.requireUmaServer(issuer).then(
      () => 'stands',
      (error: unknown) => (error instanceof DiscoveryFailure ? error.reason : String(error)),
    );

  it('says so in its own metadata, which is asked once', async () => {
    settle({ [metadataUrl(AS)]: metadata(AS, { grant_types_supported: umaTicket }) });
    expect([await requireUma(), await requireUma()]).toEqual(['stands', 'stands']);
    expect(strangers.asked).toEqual([metadataUrl(AS)]);
  });

  it.each<[string, JsonObject]>([
    ['other grants', { grant_types_supported: ['client_credentials'] }],
    ['a short name', { grant_types_supported: ['uma-ticket'] }],
    ['nothing', {}],
    ['a text', { grant_types_supported: umaTicket[0] ?? '' }],
  ])('is not who names %s, whose keys are good all the same', async (_what, members) => {
    settle({ ...world, [metadataUrl(AS)]: metadata(AS, members) });
    expect(await requireUma()).toBe('no_uma_server');
    expect(await directory.keysOf(AS).find('k1', 'ES256')).toBeDefined();
  });

  it('A41 is not whose metadata are of another, or cannot be had', async () => {
    settle({ [metadataUrl(AS)]: metadata('https://as.evil.example', { grant_types_supported: umaTicket }) });
    expect(await requireUma()).toBe('issuer_mismatch');
    settle({ [metadataUrl(AS)]: 'timeout' });
    expect(await requireUma()).toBe('timeout');
  });

  it('A46 is on the budget of who asks', async () => {
    settle({}, { limits: { global: { burst: 10, perMinute: 1 }, perCaller: { burst: 1, perMinute: 1 } } });
    const mine = directory.forCaller('app');
    expect([await requireUma(AS, mine), await requireUma('https://as-2.example' as Issuer, mine)]).toEqual(['metadata_not_found', 'discovery_budget']);
  });
});
