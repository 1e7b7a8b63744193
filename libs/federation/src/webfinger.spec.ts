import { describe, expect, it } from '@jest/globals';
import { DiscoveryFailure, type JsonValue } from '@uma-federation/uma-core';
import { address, fakeStrangers, type FakeAnswer } from '../test/fakes.ts';
import { OIDC_ISSUER_REL, RESOURCE_OWNER_ISSUER_REL, relsOfRole } from './issuer-rels.ts';
import { acctUri, lookUpIssuer } from './webfinger.ts';

const URL_OF_BAR = 'https://bar.example/.well-known/webfinger';
const bob = address('bob@bar.example');
const link = (href: JsonValue, rel = OIDC_ISSUER_REL): JsonValue => ({ rel, href });

async function outcomeOf(answer: FakeAnswer, rels = relsOfRole('requesting-party')): Promise<string> {
  try {
    const found = await lookUpIssuer(fakeStrangers({ [URL_OF_BAR]: answer }), bob, rels);
    return found.kind === 'issuer' ? found.issuer : found.kind;
  } catch (error) {
    return error instanceof DiscoveryFailure ? error.reason : String(error);
  }
}

describe('lookUpIssuer', () => {
  it('asks the domain of the address once for the acct URI, percent-encoded, with the wanted relations', async () => {
    const requests: string[] = [];
    const strangers = fakeStrangers({ [URL_OF_BAR]: { json: { links: [link('https://as.bar.example')] } } });
    const spy = Object.assign((...parameters: Parameters<typeof strangers>) => (requests.push(parameters[0]), strangers(...parameters)), { policy: strangers.policy });
    await lookUpIssuer(spy, address("o'b+x=1&y@bar.example"), relsOfRole('resource-owner'));
    expect(requests).toEqual([
      `${URL_OF_BAR}?resource=acct%3Ao'b%2Bx%3D1%26y%40bar.example&rel=${encodeURIComponent(RESOURCE_OWNER_ISSUER_REL)}&rel=${encodeURIComponent(OIDC_ISSUER_REL)}`,
    ]);
  });

  it('percent-encodes in the acct URI what a URI cannot hold', () => {
    expect(acctUri(address('a#b?c^d`e{f|g}@bar.example'))).toBe('acct:a%23b%3Fc%5Ed%60e%7Bf%7Cg%7D@bar.example');
    expect(acctUri(address("a.b!c$d&e'f*g+h=i_j~k-l@bar.example"))).toBe("acct:a.b!c$d&e'f*g+h=i_j~k-l@bar.example");
  });

  it('takes the issuer from a JRD about the address, or about nobody in particular', async () => {
    const links = [link('https://as.bar.example/tenant')];
    expect(await outcomeOf({ json: { subject: 'acct:bob@bar.example', links, extra: { x: 1 } } })).toBe('https://as.bar.example/tenant');
    expect(await outcomeOf({ json: { links } })).toBe('https://as.bar.example/tenant');
  });

  it('prefers our relation for a resource owner and falls back to the OpenID one', async () => {
    const rels = relsOfRole('resource-owner');
    const both = [link('https://rqp.bar.example'), link('https://ro.bar.example', RESOURCE_OWNER_ISSUER_REL)];
    expect(await outcomeOf({ json: { links: both } }, rels)).toBe('https://ro.bar.example');
    expect(await outcomeOf({ json: { links: both.slice(0, 1) } }, rels)).toBe('https://rqp.bar.example');
    expect(await outcomeOf({ json: { links: [link('nonsense', RESOURCE_OWNER_ISSUER_REL), ...both.slice(0, 1)] } }, rels)).toBe('no_issuer_link');
  });

  it('never takes the relation of the other role for a requesting party', async () => {
    expect(await outcomeOf({ json: { links: [link('https://ro.bar.example', RESOURCE_OWNER_ISSUER_REL)] } })).toBe('no_issuer_link');
  });

  it('follows Cache-Control up to 10 minutes', async () => {
    const lifetimeWith = async (cacheControl: string): Promise<number | undefined> => {
      const answer = { json: { links: [link('https://as.bar.example')] }, headers: { 'cache-control': cacheControl } };
      const found = await lookUpIssuer(fakeStrangers({ [URL_OF_BAR]: answer }), bob, [OIDC_ISSUER_REL]);
      return found.kind === 'issuer' ? found.lifetimeSeconds : undefined;
    };
    expect([await lifetimeWith('max-age=120'), await lifetimeWith('max-age=86400'), await lifetimeWith('')]).toEqual([120, 600, 600]);
  });
});

describe('A42 WebFinger answer for another subject', () => {
  const links = [link('https://as.bar.example')];

  it.each(['acct:eve@bar.example', 'acct:bob@evil.example', 'acct:Bob@bar.example', 'mailto:bob@bar.example', 'bob@bar.example', ''])(
    'fails when the subject is "%s", aliases or not',
    async (subject) => {
      expect(await outcomeOf({ json: { subject, aliases: ['acct:bob@bar.example'], links } })).toBe('subject_mismatch');
    },
  );

  it.each<[string, JsonValue]>([
    ['relative', link('/issuer')],
    ['plain http', link('http://as.bar.example')],
    ['with fragment', link('https://as.bar.example#x')],
    ['with query', link('https://as.bar.example?x')],
    ['with user information', link('https://bar.example@evil.example')],
    ['an IP literal', link('https://127.0.0.1')],
    ['in upper case', link('https://AS.bar.example')],
    ['no string', link(7)],
    ['missing', { rel: OIDC_ISSUER_REL }],
    ['of another relation', link('https://other.example', 'http://openid.net/specs/connect/1.0/issuer/')],
    ['no object', 'https://other.example'],
  ])('ignores a link that is %s and takes the next', async (_, bad) => {
    expect(await outcomeOf({ json: { links: [bad, ...links] } })).toBe('https://as.bar.example');
    expect(await outcomeOf({ json: { links: [bad] } })).toBe('no_issuer_link');
  });

  it('takes the first of two valid links', async () => {
    expect(await outcomeOf({ json: { links: [link('https://one.bar.example'), link('https://two.bar.example')] } })).toBe('https://one.bar.example');
  });

  it.each<[string, JsonValue]>([['an array', []], ['a string', 'x'], ['with a numeric subject', { subject: 1, links }], ['with links that are no array', { links: {} }]])(
    'refuses a JRD that is %s',
    async (_, json) => {
      expect(await outcomeOf({ json })).toBe('jrd_malformed');
    },
  );
});

describe('A43 fallback downgrade: what lets fallback discovery begin', () => {
  it.each([404, 410])('a clean %d does', async (status) => {
    expect(await outcomeOf({ status })).toBe('not_published');
  });

  it.each([400, 401, 403, 405, 406, 429, 500, 502, 503, 204])('a %d does not', async (status) => {
    expect(await outcomeOf({ status })).toBe('webfinger_status');
  });

  it.each(['timeout', 'tls_failure', 'connection_failure', 'dns_failure', 'body_too_large', 'json_malformed', 'redirect_refused'])('the fault %s does not', async (reason) => {
    expect(await outcomeOf(reason)).toBe(reason);
  });

  it('a 404 behind a redirect does not: it is not the domain that says it', async () => {
    expect(await outcomeOf({ status: 404, url: 'https://elsewhere.example/' })).toBe('webfinger_status');
  });

  it.each<[string, JsonValue]>([['no links', {}], ['an empty list', { links: [] }], ['no usable link', { links: [link('http://x')] }]])('a 200 with %s does not: it is final', async (_, json) => {
    expect(await outcomeOf({ json })).toBe('no_issuer_link');
  });
});
