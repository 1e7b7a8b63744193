import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateSigningJwk, loadKeyRing, type KeyRing } from '@uma-federation/keys';
import type { Issuer, JsonObject } from '@uma-federation/uma-core';
import type { BenchmarkRun } from './benchmark.ts';

/** A server of another domain, or the domain's own OpenID Provider, as far as discovery sees it; the benchmark signs in its place. */
export interface FakeIssuer {
  /** `http://127.0.0.1:PORT` */
  readonly issuer: Issuer;
  readonly key: JsonObject;
  readonly keys: KeyRing;
}

/** OpenID Connect Discovery 1.0 section 2. */
const ISSUER_REL = 'http://openid.net/specs/connect/1.0/issuer';

/** Starts a server that answers WebFinger for any address with itself, and metadata and keys for itself. */
export async function startFakeIssuer(run: BenchmarkRun): Promise<FakeIssuer> {
  const key = await generateSigningJwk();
  const keys = loadKeyRing([key]);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', issuer);
    const document = documentAt(pathname, searchParams.get('resource') ?? '');
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json', 'cache-control': 'max-age=3600' }).end(JSON.stringify(document ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}` as Issuer;
  const documentAt = (path: string, resource: string): object | undefined => {
    if (path === '/jwks') return keys.jwks();
    if (path === '/.well-known/webfinger') return { subject: resource, links: [{ rel: ISSUER_REL, href: issuer }] };
    return path.startsWith('/.well-known/') ? { issuer, jwks_uri: `${issuer}/jwks` } : undefined;
  };
  run.cleanup.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  return { issuer, key, keys };
}
