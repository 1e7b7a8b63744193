import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { connect, type SecureVersion } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DiscoveryFailure } from '@uma-federation/uma-core';
import { startLocalServer, type LocalServer } from '../test/local-server.ts';
import { createThrowAwayAuthority } from '../test/throw-away-certificates.ts';
import { createConfiguredPeer } from './configured-peer.ts';
import { PeerFailure } from './peer-failure.ts';
import { createGuardedFetch, type GuardedFetch, type GuardedFetchOptions, type GuardedRequest, type ResolveHost } from './guarded-fetch.ts';

const authority = createThrowAwayAuthority();
const certificate = authority.issue(['bar.example', 'hop.example', 'localhost']);
const routes = new Map<string, (request: IncomingMessage, response: ServerResponse) => void>();
const serve: RequestListener = (request, response) => {
  const route = routes.get(request.url ?? '');
  if (route === undefined) response.writeHead(404).end();
  else route(request, response);
};
let server: LocalServer;
let plainServer: LocalServer;

beforeAll(async () => {
  server = await startLocalServer(serve, certificate);
  plainServer = await startLocalServer(serve);
});
afterAll(async () => {
  await Promise.all([server.close(), plainServer.close()]);
});

const addresses = (...list: string[]): ResolveHost => async () => list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

/** The guard with a server of ours standing for a public one. */
function guard(options: GuardedFetchOptions = {}): GuardedFetch {
  return createGuardedFetch({
    resolve: addresses('127.0.0.1'),
    allowedPorts: [443, server.port],
    certificateAuthorities: [authority.certificate],
    unsafeAllowAddressForTests: (address) => address.startsWith('127.0.0.'),
    ...options,
  });
}

const url = (path: string, host = 'bar.example'): string => `https://${host}:${server.port}${path}`;
const json = (body: string, headers: Record<string, string> = {}) => (_: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(body);
};

async function reasonOf(answer: Promise<unknown>): Promise<string> {
  const outcome = await answer.catch((error: unknown) => error);
  return outcome instanceof DiscoveryFailure ? outcome.reason : `no refusal: ${String(outcome)}`;
}
const ask = (fetch: GuardedFetch, target: string, request: Partial<GuardedRequest> = {}): ReturnType<GuardedFetch> =>
  fetch(target, { accept: ['application/json'], ...request });

describe('guarded fetch', () => {
  it('returns status, headers and JSON of a TLS server whose name the certificate carries', async () => {
    routes.set('/ok?x=1', json('{"a":[1]}', { 'cache-control': 'max-age=5' }));
    const answer = await ask(guard(), url('/ok?x=1'));
    expect(answer).toMatchObject({ status: 200, url: url('/ok?x=1'), json: { a: [1] }, headers: { 'cache-control': 'max-age=5' } });
  });

  it('sends no Accept-Encoding, no cookies and no authorization', async () => {
    const sent: string[] = [];
    routes.set('/headers', (request, response) => {
      sent.push(...Object.keys(request.headers));
      json('{}')(request, response);
    });
    await ask(guard(), url('/headers'));
    expect(sent.sort()).toEqual(['accept', 'connection', 'host', 'user-agent']);
  });

  it('answers the bare status of anything but 200 and leaves its body alone', async () => {
    routes.set('/gone', (_, response) => response.writeHead(410, { 'content-type': 'application/json' }).end('{"issuer":"x"}'));
    const answer = await ask(guard(), url('/gone'));
    expect([answer.status, answer.json]).toEqual([410, undefined]);
  });

  it.each([
    ['the certificate is for another name', { host: 'evil.example' }],
    ['the authority is unknown', { options: { certificateAuthorities: undefined } }],
  ])('refuses when %s', async (_, { host, options }: { host?: string; options?: GuardedFetchOptions }) => {
    routes.set('/ok', json('{}'));
    expect(await reasonOf(ask(guard(options), url('/ok', host)))).toBe('tls_failure');
  });

  describe('G68 TLS as BCP 195 has it', () => {
    const LAX = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const withServer = async (maxVersion: SecureVersion, test: (port: number) => Promise<void>, minVersion: SecureVersion = maxVersion): Promise<void> => {
      const local = await startLocalServer(json('{}'), certificate, { ...LAX, minVersion, maxVersion });
      try {
        await test(local.port);
      } finally {
        await local.close();
      }
    };
    const askAt = (port: number) => ask(guard({ allowedPorts: [port] }), `https://bar.example:${port}/`);

    it.each(['TLSv1.2', 'TLSv1.3'] as const)('talks to a server that speaks %s', async (version) => {
      await withServer(version, async (port) => expect((await askAt(port)).status).toBe(200));
    });

    it.each(['TLSv1.1', 'TLSv1'] as const)('does not talk to a server that speaks %s at most', async (version) => {
      await withServer(version, async (port) => {
        expect(await reasonOf(askAt(port))).toBe('tls_failure');
        const peer = createConfiguredPeer([`https://localhost:${port}`], { certificateAuthorities: [authority.certificate] });
        await expect(peer.request({ method: 'GET', url: `https://localhost:${port}/` })).rejects.toThrow(PeerFailure);
        await peer.close();
        // Who asks for nothing better gets it: the server would have.
        const lax = connect({ host: '127.0.0.1', port, ...LAX, ca: authority.certificate, servername: 'bar.example' });
        await once(lax, 'secureConnect');
        expect(lax.getProtocol()).toBe(version);
        lax.destroy();
      });
    });
  });

  it('names DNS and connection faults', async () => {
    const unresolvable: ResolveHost = async () => {
      throw Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    expect(await reasonOf(ask(guard({ resolve: unresolvable }), url('/')))).toBe('dns_failure');
    expect(await reasonOf(ask(guard({ resolve: addresses() }), url('/')))).toBe('dns_failure');
    const closed = await startLocalServer(serve);
    await closed.close();
    expect(await reasonOf(ask(guard({ allowedPorts: [closed.port] }), `https://bar.example:${closed.port}/`))).toBe('connection_failure');
  });

  it('gives up when its caller does', async () => {
    const caller = new AbortController();
    routes.set('/silent', () => caller.abort());
    expect(await reasonOf(ask(guard(), url('/silent'), { signal: caller.signal }))).toBe('aborted');
    expect(await reasonOf(ask(guard(), url('/ok'), { signal: AbortSignal.abort() }))).toBe('aborted');
  });
});

describe('A36 SSRF through WebFinger', () => {
  it.each([
    '127.0.0.1', '10.0.0.1', '172.16.0.1', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '::1', 'fc00::1', 'fe80::1',
    '::ffff:127.0.0.1', '::7f00:1', '64:ff9b::7f00:1', '64:ff9b:1::1', '2002:7f00:1::1', '4000::1', '168.63.129.16',
  ])('connects to nothing when the name resolves to %s', async (address) => {
    const connections = server.connectedTo.length;
    expect(await reasonOf(ask(guard({ resolve: addresses(address), unsafeAllowAddressForTests: undefined }), url('/ok')))).toBe('address_forbidden');
    expect(server.connectedTo).toHaveLength(connections);
  });

  it.each([
    ['last', ['127.0.0.1', '10.0.0.1']],
    ['first', ['10.0.0.1', '127.0.0.1']],
    ['among IPv6', ['127.0.0.1', '::1']],
  ])('connects to nothing when one forbidden address is %s in a list of allowed ones', async (_, list) => {
    const connections = server.connectedTo.length;
    expect(await reasonOf(ask(guard({ resolve: addresses(...list) }), url('/ok')))).toBe('address_forbidden');
    expect(server.connectedTo).toHaveLength(connections);
  });
});

describe('A37 SSRF through iss and jwks_uri', () => {
  it.each(['http://bar.example/', 'file:///etc/passwd', 'https://127.0.0.1/', 'https://2130706433/', 'https://[::1]/', 'https://localhost/', 'https://metadata.google.internal/', 'https://bar.example:22/'])(
    'resolves and asks nothing for %s',
    async (target) => {
      const resolve = jest.fn(addresses('127.0.0.1'));
      const connections = server.connectedTo.length + plainServer.connectedTo.length;
      expect(await reasonOf(ask(guard({ resolve }), target))).toMatch(/^url_/);
      expect(resolve).not.toHaveBeenCalled();
      expect(server.connectedTo.length + plainServer.connectedTo.length).toBe(connections);
    },
  );
});

describe('A38 DNS rebinding', () => {
  it('resolves once and connects to exactly the checked address', async () => {
    const answers = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
    const resolve = jest.fn<ResolveHost>(async () => [{ address: answers.shift() ?? '', family: 4 }]);
    routes.set('/ok', json('{}'));
    const connections = server.connectedTo.length;
    await ask(guard({ resolve, unsafeAllowAddressForTests: (address) => address === '127.0.0.2' }), url('/ok'));
    expect(resolve).toHaveBeenCalledTimes(1);
    expect(server.connectedTo.slice(connections)).toEqual(['127.0.0.2']);
  });

  it('resolves again for each request, so that a good first answer vouches for nothing later', async () => {
    const answers = ['127.0.0.2', '169.254.169.254'];
    const resolve: ResolveHost = async () => [{ address: answers.shift() ?? '', family: 4 }];
    const fetch = guard({ resolve });
    routes.set('/ok', json('{}'));
    await ask(fetch, url('/ok'));
    expect(await reasonOf(ask(fetch, url('/ok')))).toBe('address_forbidden');
  });

  it('tries the next checked address when one does not answer', async () => {
    routes.set('/ok', json('{}'));
    const connections = server.connectedTo.length;
    await ask(guard({ resolve: addresses('::1', '127.0.0.2'), unsafeAllowAddressForTests: () => true }), url('/ok'));
    expect(server.connectedTo.slice(connections)).toEqual(['127.0.0.2']);
  });
});

describe('A39 redirect to internal', () => {
  const redirect = (location: string, status = 302) => (_: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, { location }).end();
  };

  it('refuses every redirect unless the caller allows some (metadata and JWKS)', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      routes.set('/moved', redirect('/ok', status));
      expect(await reasonOf(ask(guard(), url('/moved')))).toBe('redirect_refused');
    }
  });

  it('follows at most the allowed number of hops (WebFinger)', async () => {
    routes.set('/ok', json('{}'));
    routes.set('/1', redirect('/ok'));
    routes.set('/2', redirect(url('/1', 'hop.example')));
    routes.set('/3', redirect('/2'));
    expect(await ask(guard(), url('/2'), { maxRedirects: 2 })).toMatchObject({ status: 200, url: url('/ok', 'hop.example') });
    expect(await reasonOf(ask(guard(), url('/3'), { maxRedirects: 2 }))).toBe('redirect_refused');
  });

  it.each([
    ['http', 'url_scheme', () => `http://bar.example:${plainServer.port}/ok`],
    ['an IP literal', 'url_ip_literal', () => `https://127.0.0.1:${server.port}/ok`],
    ['a port that is not allowed', 'url_port', () => 'https://bar.example:6379/'],
    ['localhost', 'url_host', () => `https://localhost:${server.port}/ok`],
    ['a fragment', 'url_fragment', () => url('/ok#x')],
    ['nonsense', 'redirect_malformed', () => 'https://['],
  ])('refuses a hop to %s', async (_, reason, location) => {
    routes.set('/internal', redirect(location()));
    const connections = plainServer.connectedTo.length;
    expect(await reasonOf(ask(guard(), url('/internal'), { maxRedirects: 2 }))).toBe(reason);
    expect(plainServer.connectedTo).toHaveLength(connections);
  });

  it('refuses a hop to a name with a forbidden address, and one without Location', async () => {
    const resolve: ResolveHost = async (host) => [{ address: host === 'hop.example' ? '10.0.0.1' : '127.0.0.1', family: 4 }];
    routes.set('/private', redirect(url('/ok', 'hop.example')));
    routes.set('/nowhere', (_, response) => response.writeHead(302).end());
    expect(await reasonOf(ask(guard({ resolve }), url('/private'), { maxRedirects: 2 }))).toBe('address_forbidden');
    expect(await reasonOf(ask(guard(), url('/nowhere'), { maxRedirects: 2 }))).toBe('redirect_malformed');
  });
});

describe('A40 slow, huge or wrong type', () => {
  it.each([
    ['never accepts the request', (_: IncomingMessage, _response: ServerResponse) => undefined],
    ['drips its body', (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 5);
      response.on('close', () => clearInterval(drip));
    }],
  ])('gives up at the total deadline when the server %s', async (_, route) => {
    routes.set('/slow', route);
    expect(await reasonOf(ask(guard({ deadlineMs: 150 }), url('/slow')))).toBe('timeout');
  });

  it('counts name resolution and every hop towards the deadline', async () => {
    const never: ResolveHost = () => new Promise(() => undefined);
    expect(await reasonOf(ask(guard({ deadlineMs: 50, resolve: never }), url('/ok')))).toBe('timeout');
    routes.set('/hop', (_, response) => response.writeHead(302, { location: '/stuck' }).end());
    routes.set('/stuck', () => undefined);
    expect(await reasonOf(ask(guard({ deadlineMs: 150 }), url('/hop'), { maxRedirects: 2 }))).toBe('timeout');
  });

  it('stops reading after 64 KiB, announced or not', async () => {
    let written = 0;
    routes.set('/huge', (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(65_536, ' ');
      const pump = (): void => {
        while (!response.destroyed && written < 1e9) {
          written += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', pump);
        }
      };
      pump();
    });
    expect(await reasonOf(ask(guard(), url('/huge')))).toBe('body_too_large');
    expect(written).toBeLessThan(64 * 1024 * 1024);
    routes.set('/announced', (_, response) => response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000000000' }).write('{'));
    expect(await reasonOf(ask(guard(), url('/announced')))).toBe('body_too_large');
  });

  it('accepts exactly 64 KiB and not one byte more', async () => {
    routes.set('/full', json(`"${'x'.repeat(65_534)}"`));
    routes.set('/over', json(`"${'x'.repeat(65_535)}"`));
    expect((await ask(guard(), url('/full'))).json).toHaveLength(65_534);
    expect(await reasonOf(ask(guard(), url('/over')))).toBe('body_too_large');
  });

  it('refuses an encoded body instead of inflating it', async () => {
    routes.set('/bomb', (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000, ' ')));
    });
    expect(await reasonOf(ask(guard(), url('/bomb')))).toBe('content_encoding');
  });

  it.each(['text/html', 'text/json', 'application/javascript', 'application/jsonp', 'application/json, text/html', ''])('refuses the media type "%s"', async (type) => {
    routes.set('/type', json('{}', { 'content-type': type }));
    expect(await reasonOf(ask(guard(), url('/type')))).toBe('content_type');
  });

  it.each(['application/json; charset=utf-8', 'application/jrd+json', 'APPLICATION/JWK-SET+JSON'])('reads the media type "%s"', async (type) => {
    routes.set('/type', json('{}', { 'content-type': type }));
    expect((await ask(guard(), url('/type'))).json).toEqual({});
  });

  it.each([
    ['deeper than 10 levels', `${'['.repeat(11)}${']'.repeat(11)}`],
    ['with a duplicate member', '{"issuer":"a","issuer":"b"}'],
    ['with __proto__', '{"__proto__":{}}'],
    ['with a byte order mark', '\uFEFF{}'],
    ['cut short', '{"a":'],
    ['empty', ''],
  ])('refuses JSON %s', async (_, body) => {
    routes.set('/json', json(body));
    expect(await reasonOf(ask(guard(), url('/json')))).toBe('json_malformed');
  });

  it('refuses bytes that are not UTF-8', async () => {
    routes.set('/latin', (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from([0x22, 0xe4, 0x22])));
    expect(await reasonOf(ask(guard(), url('/latin')))).toBe('json_malformed');
  });
});

describe('loopback setting', () => {
  it('asks a mapped domain at its base URL and keeps the name in the answer', async () => {
    routes.set('/.well-known/x?y=1', json('{"here":true}'));
    const fetch = createGuardedFetch({ loopback: { addressMap: { 'acme.example': `http://127.0.0.1:${plainServer.port}` } } });
    expect(await ask(fetch, 'https://acme.example/.well-known/x?y=1')).toMatchObject({ url: 'https://acme.example/.well-known/x?y=1', json: { here: true } });
    expect((await ask(fetch, `http://localhost:${plainServer.port}/.well-known/x?y=1`)).status).toBe(200);
    expect(await reasonOf(createGuardedFetch()('https://acme.example:1/', { accept: [] }))).toBe('url_port');
  });

  it('still refuses private addresses of names that are not mapped', async () => {
    const fetch = createGuardedFetch({ resolve: addresses('127.0.0.1'), loopback: { addressMap: {} } });
    expect(await reasonOf(ask(fetch, 'https://bar.example/'))).toBe('address_forbidden');
  });

  it('never resolves localhost: the name goes to loopback whatever a resolver says', async () => {
    const resolve = jest.fn(addresses('10.0.0.1'));
    routes.set('/ok', json('{}'));
    const fetch = createGuardedFetch({ resolve, loopback: { addressMap: {} } });
    expect((await ask(fetch, `http://localhost:${plainServer.port}/ok`)).status).toBe(200);
    expect(resolve).not.toHaveBeenCalled();
  });
});

describe('private networks setting', () => {
  const setting = { privateNetworks: ['172.30.0.0/24', 'fd00:1234::/32'] };

  it('lets a name lead into a named network, and to no other address beside it', async () => {
    routes.set('/ok', json('{}'));
    // Nothing answers at the first address; the request goes on to the second one only if the guard let both pass.
    const resolve = addresses('fd00:1234::1', '127.0.0.2');
    expect((await ask(guard({ resolve, ...setting }), url('/ok'))).status).toBe(200);
    expect(await reasonOf(ask(guard({ resolve }), url('/ok')))).toBe('address_forbidden');
  });

  it.each(['172.30.1.1', '10.0.0.1', '127.0.0.1', '169.254.169.254', '::ffff:172.30.0.1'])('A36 still refuses %s', async (address) => {
    const connections = server.connectedTo.length;
    expect(await reasonOf(ask(guard({ resolve: addresses('fd00:1234::1', address), unsafeAllowAddressForTests: undefined, ...setting }), url('/ok')))).toBe('address_forbidden');
    expect(server.connectedTo).toHaveLength(connections);
  });

  it('A37 still resolves and asks nothing for an address literal or plain http', async () => {
    const resolve = jest.fn(addresses('172.30.0.1'));
    for (const target of ['https://172.30.0.1/', 'http://bar.example/']) expect(await reasonOf(ask(guard({ resolve, ...setting }), target))).toMatch(/^url_/);
    expect(resolve).not.toHaveBeenCalled();
  });

  it('refuses to be made with a network that is not private', () => {
    expect(() => guard({ privateNetworks: ['169.254.0.0/16'] })).toThrow('not a CIDR range of private addresses');
  });
});
