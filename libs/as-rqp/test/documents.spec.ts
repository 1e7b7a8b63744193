import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OIDC_ISSUER_REL, RESOURCE_OWNER_ISSUER_REL } from '@uma-federation/federation';
import { loadKeyRing } from '@uma-federation/keys';
import { fixedKeys } from '@uma-federation/testing';
import { GRANT_TYPES, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { Harness, ISSUER, TOKEN_URL } from './harness.ts';
import type { HttpAnswer } from './support/send-request.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start({ overrides: { keys: loadKeyRing([fixedKeys.globex, fixedKeys.ed25519, fixedKeys.rsa]) } });
});
afterAll(() => harness.stop());

describe('the metadata [RFC 8414]', () => {
  const NAMES = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];

  it.each(NAMES)('is served at %s to everybody, and says what the server can do', async (path) => {
    const { status, headers, json } = await harness.send(path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': expect.stringMatching(/^application\/json/), 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=600' });
    expect(json).toEqual({
      issuer: ISSUER,
      token_endpoint: TOKEN_URL,
      jwks_uri: `${ISSUER}/jwks`,
      grant_types_supported: [GRANT_TYPES.tokenExchange],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256', 'EdDSA', 'PS256', 'RS256'],
      client_id_metadata_document_supported: true,
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'PS256', 'RS256'],
      identity_chaining_requested_token_types_supported: [TOKEN_TYPE_URNS.jwt],
      identity_providers: [harness.provider.issuer],
    });
  });

  it('has no list without elements, so no response_types_supported [RFC 8414 3.2]', async () => {
    const { json } = await harness.send('/.well-known/oauth-authorization-server');
    expect(Object.values(json).filter((value) => Array.isArray(value) && value.length === 0)).toEqual([]);
    expect('response_types_supported' in json).toBe(false);
  });

  it('names the configured issuer whatever the Host header says (A86)', async () => {
    const { json } = await harness.send('/.well-known/oauth-authorization-server', { headers: { host: 'as.evil.example', 'x-forwarded-host': 'as.evil.example' } });
    expect(json['issuer']).toBe(ISSUER);
  });

  it('is not there under the name of UMA, which this server does not speak', async () => {
    expect((await harness.send('/.well-known/uma2-configuration')).status).toBe(404);
  });
});

describe('the keys', () => {
  it('are public members only, current key first, readable by everybody', async () => {
    const { status, headers, json, text } = await harness.send('/jwks');
    expect([status, headers['access-control-allow-origin'], headers['cache-control']]).toEqual([200, '*', 'public, max-age=300']);
    const keys = json['keys'] as Record<string, string>[];
    expect(keys.map((key) => [key['kid'], Object.keys(key).sort().join(' ')])).toEqual([
      ['globex-as-rqp-1', 'alg crv kid kty use x y'],
      ['ed25519-1', 'alg crv kid kty use x'],
      ['rsa-1', 'alg e kid kty n use'],
    ]);
    for (const { d } of [fixedKeys.globex, fixedKeys.ed25519, fixedKeys.rsa]) expect(text).not.toContain(d);
  });
});

describe('WebFinger [RFC 7033]', () => {
  const finger = (query: string) => harness.send(`/.well-known/webfinger${query}`);
  const about = (resource: string, more = '') => finger(`?resource=${encodeURIComponent(resource)}${more}`);
  const links = ({ json }: HttpAnswer) => json['links'];
  const OIDC = { rel: OIDC_ISSUER_REL, href: ISSUER };
  const OWNER = { rel: RESOURCE_OWNER_ISSUER_REL, href: 'https://as-ro.globex.example' };

  it('names both servers of the domain for a person', async () => {
    const answer = await about('acct:bob@globex.example');
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ subject: 'acct:bob@globex.example', links: [OIDC, OWNER] });
    expect(answer.headers).toMatchObject({ 'content-type': expect.stringMatching(/^application\/jrd\+json/), 'access-control-allow-origin': '*' });
  });

  it('answers for each of its domains and for the other forms of an address', async () => {
    for (const resource of ['acct:carol@globex.test', 'mailto:bob@globex.example', 'acct:bob@GLOBEX.example', 'https://globex.example/bob']) {
      expect([resource, links(await about(resource))]).toEqual([resource, [OIDC, OWNER]]);
    }
  });

  it('takes question marks in the query for what they are [RFC 3986 3.4]', async () => {
    const resource = 'https://globex.example/bob?a?b';
    expect((await finger(`?resource=${resource}`)).json).toEqual({ subject: resource, links: [OIDC, OWNER] });
  });

  it('gives the links that were asked for, and any number of them', async () => {
    const rel = (name: string): string => `&rel=${encodeURIComponent(name)}`;
    expect(links(await about('acct:bob@globex.example', rel(OIDC_ISSUER_REL)))).toEqual([OIDC]);
    expect(links(await about('acct:bob@globex.example', rel(RESOURCE_OWNER_ISSUER_REL)))).toEqual([OWNER]);
    expect(links(await about('acct:bob@globex.example', rel(RESOURCE_OWNER_ISSUER_REL) + rel(OIDC_ISSUER_REL)))).toEqual([OIDC, OWNER]);
    expect(links(await about('acct:bob@globex.example', rel('http://webfinger.net/rel/avatar')))).toEqual([]);
  });

  it('does not tell who exists: the answers differ in nothing but the question', async () => {
    const people = ['bob', 'nobody', 'admin', 'x'.repeat(64)].map((name) => `acct:${name}@globex.example`);
    const answers = await Promise.all(people.map(async (person) => [person, await about(person)] as const));
    const comparable = answers.map(([person, { status, text, headers }]) =>
      JSON.stringify({ status, text: text.replace(person, ''), headers: { ...headers, date: '', 'x-request-id': '', 'content-length': '' } }),
    );
    expect(new Set(comparable).size).toBe(1);
    expect(harness.provider.seen).toEqual([]);
  });

  it.each(['', '?', '?rel=x', '?resource=', '?resource=bob', '?resource=bob@globex.example', '?resource=acct:bob', '?resource=acct:b@o@globex.example', '?resource=acct:bob%2540globex.example%00'])(
    'answers 400 to %p',
    async (query) => {
      const { status, headers, text } = await finger(query);
      expect([status, headers['access-control-allow-origin'], text]).toEqual([400, '*', '']);
    },
  );

  it('answers 400 to two resources, which may be the same', async () => {
    const bob = 'resource=acct%3Abob%40globex.example';
    expect((await finger(`?${bob}&${bob}`)).status).toBe(400);
  });

  it.each(['acct:alice@acme.example', 'acct:bob@mail.globex.example', 'acct:bob@notglobex.example', 'https://acme.example/', 'urn:isbn:0451450523', 'http://globex.example/'])(
    'answers 404 to %s, which is not ours',
    async (resource) => {
      const { status, headers, text } = await about(resource);
      expect([status, headers['access-control-allow-origin'], text]).toEqual([404, '*', '']);
    },
  );

  it('names no server for owners when the domain has none', async () => {
    const without = await Harness.start({ settings: { resourceOwnerIssuer: undefined } });
    try {
      const { json } = await without.send('/.well-known/webfinger?resource=acct:bob@globex.example');
      expect(json['links']).toEqual([OIDC]);
    } finally {
      await without.stop();
    }
  });
});
