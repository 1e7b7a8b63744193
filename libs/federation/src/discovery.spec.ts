import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Issuer } from '@uma-federation/uma-core';
import { StandingClock, address, ecKey } from '../test/fakes.ts';
import { startLocalServer, type LocalServer } from '../test/local-server.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { HttpIssuerDirectory } from './http-issuer-directory.ts';
import { answerWebFinger } from './webfinger-document.ts';

/** A domain whose WebFinger is ours, with one authorization server on a path of its own. */
const serve: RequestListener = (request, response) => {
  const issuer = `http://${request.headers.host}/as` as Issuer;
  const url = new URL(request.url ?? '', 'http://here');
  const documents: Record<string, unknown> = {
    '/.well-known/oauth-authorization-server/as': { issuer, jwks_uri: `${issuer}/jwks` },
    '/as/jwks': { keys: [ecKey('k1')] },
  };
  if (url.pathname === '/.well-known/webfinger') {
    const answer = answerWebFinger(url.searchParams, { domains: ['acme.example'], requestingPartyIssuer: issuer });
    response.writeHead(answer.status, answer.headers).end(answer.body);
  } else if (documents[url.pathname] === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(documents[url.pathname]));
};
let server: LocalServer;
beforeAll(async () => {
  server = await startLocalServer(serve);
});
afterAll(() => server.close());

describe('discovery over HTTP, with the loopback setting', () => {
  it('goes from an address to the issuer and its keys', async () => {
    const fetch = createGuardedFetch({ loopback: { addressMap: { 'acme.example': `http://127.0.0.1:${server.port}` } } });
    const directory = new HttpIssuerDirectory({ fetch, clock: new StandingClock() });
    for (const role of ['requesting-party', 'resource-owner'] as const) {
      const issuer = await directory.issuerFor(address("o'hara+x#1@acme.example"), role);
      expect(issuer).toBe(`http://127.0.0.1:${server.port}/as`);
      expect((await directory.keysOf(issuer).find('k1', 'ES256'))?.kty).toBe('EC');
    }
  });

  it('refuses a loopback issuer without the setting', async () => {
    const directory = new HttpIssuerDirectory({ fetch: createGuardedFetch(), clock: new StandingClock() });
    await expect(directory.keysOf(`http://127.0.0.1:${server.port}/as` as Issuer).find('k1', 'ES256')).rejects.toThrow('url_scheme');
  });
});
