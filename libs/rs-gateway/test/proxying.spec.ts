import { connect } from 'node:net';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientId, Issuer } from '@uma-federation/uma-core';
import { challenges, GatewayUnderTest, NOTE, PUBLIC_URL } from './support/gateway-under-test.ts';

let under: GatewayUnderTest;
const ok = (_request: IncomingMessage, response: ServerResponse): void => void response.writeHead(200).end('ok');

beforeAll(async () => {
  under = await GatewayUnderTest.start({ settings: { cors: { origins: ['https://app.example'] } } });
});
beforeEach(() => {
  under.upstream.answer = ok;
  under.upstream.requests.length = 0;
  under.asRo.takeCalls();
});
afterAll(() => under.stop());

const authorized = async (more: Record<string, string | string[]> = {}, ...scopes: string[]) => ({
  Authorization: `Bearer ${await under.rpt([under.permission(NOTE, ...(scopes.length === 0 ? ['view', 'edit'] : scopes))])}`,
  ...more,
});

let anonymousRpt: string | undefined;

describe('What the upstream is told', () => {
  it('is who asks, for whose resource, with which scopes: what the RPT says and nothing else', async () => {
    await under.send(NOTE, { headers: await authorized({}, 'view', 'edit') });
    expect(under.upstream.requests[0]?.headers).toMatchObject({
      'x-rqp-email': 'bob@globex.example',
      'x-uma-client-id': 'client-1',
      'x-uma-resource-id': under.permission(NOTE).resourceId,
      'x-uma-scopes': 'view edit',
      'x-uma-owner': 'alice@acme.example',
      'x-forwarded-host': 'rs.acme.example',
      'x-forwarded-proto': 'https',
    });
  });

  it.each(['the first time', 'when it is remembered'])('is no e-mail address for the RPT of a person whom nobody identified, %s, not even one that the client sends', async () => {
    const clientId = 'client-1' as ClientId;
    anonymousRpt ??= await under.rpt([under.permission(NOTE, 'view')], { subject: clientId, clientId });
    const headers = { Authorization: `Bearer ${anonymousRpt}`, 'X-RqP-Email': 'eve@evil.example', 'x_rqp_email': 'eve@evil.example' };
    expect((await under.send(NOTE, { headers })).status).toBe(200);
    expect(under.upstream.requests[0]?.headers).toMatchObject({ 'x-uma-client-id': clientId, 'x-uma-scopes': 'view' });
    expect(Object.entries(under.upstream.requests[0]?.headers ?? {}).filter(([name, value]) => /rqp/.test(name) || String(value).includes('eve'))).toEqual([]);
  });

  it('is the body and the target, byte for byte, once the method and its scope were allowed', async () => {
    const answer = await under.send(`${NOTE}?a=%20b&c`, { method: 'PUT', headers: await authorized({ 'Content-Type': 'text/plain' }), body: 'new text' });
    expect(answer.status).toBe(200);
    expect(under.upstream.requests).toEqual([expect.objectContaining({ method: 'PUT', target: `${NOTE}?a=%20b&c`, body: 'new text' })]);
  });

  it('is an upload of any size and type, as a stream', async () => {
    const body = 'x'.repeat(1024 * 1024);
    for (const type of [{ 'Content-Type': 'application/json' }, { 'Content-Type': 'multipart/form-data' }, {}]) {
      expect((await under.send(NOTE, { method: 'PUT', headers: await authorized(type), body })).status).toBe(200);
      expect(under.upstream.requests.pop()?.body).toBe(body);
    }
  });

  it('is nothing about anybody on a public route, which needs no token', async () => {
    const answer = await under.send('/public/a/b', { headers: { 'X-RqP-Email': 'eve@evil.example' } });
    expect(answer.status).toBe(200);
    expect(Object.keys(under.upstream.requests[0]?.headers ?? {}).filter((name) => /rqp|uma/.test(name))).toEqual([]);
    expect(under.asRo.takeCalls()).toEqual([]);
  });
});

describe('A82 Method tricks', () => {
  it('does not let GET scopes do what needs edit, whatever an override header says', async () => {
    const headers = await authorized({ 'X-HTTP-Method-Override': 'DELETE', 'X-HTTP-Method': 'DELETE', 'X-Method-Override': 'DELETE' }, 'view');
    expect((await under.send(`${NOTE}?_method=DELETE`, { headers })).status).toBe(200);
    expect(under.upstream.requests[0]?.method).toBe('GET');
    expect(Object.keys(under.upstream.requests[0]?.headers ?? {}).filter((name) => name.includes('method'))).toEqual([]);
    expect((await under.send(NOTE, { method: 'DELETE', headers })).status).toBe(401);
  });

  it('forwards HEAD with the scope of GET', async () => {
    expect((await under.send(NOTE, { method: 'HEAD', headers: await authorized({}, 'view') })).status).toBe(200);
    expect((await under.send(NOTE, { method: 'HEAD', headers: await authorized({}, 'edit') })).status).toBe(401);
    expect(under.upstream.requests.map(({ method }) => method)).toEqual(['HEAD']);
  });

  it('answers a method that the route lacks with 405 and Allow', async () => {
    const answer = await under.send(NOTE, { method: 'POST', headers: await authorized(), body: 'x' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, ['DELETE, GET, HEAD, OPTIONS, PUT']]);
  });

  it.each([
    ['TRACE', 405],
    ['CONNECT', 405],
    ['PROPFIND', 501],
    ['get', 400],
    ['Get', 400],
    ['EVIL', 400],
  ])('never forwards %s', async (method, status) => {
    const target = method === 'CONNECT' ? 'rs.acme.example:443' : NOTE;
    const answer = await under.raw(`${method} ${target} HTTP/1.1\r\nHost: rs.acme.example\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(under.upstream.requests).toEqual([]);
  });

  it('answers OPTIONS itself: 204 with Allow, and CORS for a configured origin only', async () => {
    const preflight = (origin: string) => ({ method: 'OPTIONS', headers: { Origin: origin, 'Access-Control-Request-Method': 'PUT' } });
    const permitted = await under.send(NOTE, preflight('https://app.example'));
    expect([permitted.status, permitted.headers.get('allow')]).toEqual([204, ['DELETE, GET, HEAD, OPTIONS, PUT']]);
    expect(permitted.headers.get('access-control-allow-origin')).toEqual(['https://app.example']);
    expect(permitted.headers.get('access-control-allow-headers')).toEqual(['Authorization, DPoP, Content-Type']);
    const foreign = await under.send(NOTE, preflight('https://evil.example'));
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([204, undefined]);
    expect((await under.send('/nowhere', preflight('https://app.example'))).status).toBe(404);
    expect([under.upstream.requests, under.asRo.takeCalls()]).toEqual([[], []]);
  });

  it('lets a page of a configured origin read challenges and proxied answers', async () => {
    const challenge = await under.send(NOTE, { headers: { Origin: 'https://app.example' } });
    const proxied = await under.send(NOTE, { headers: await authorized({ Origin: 'https://app.example' }) });
    expect([challenge.status, proxied.status]).toEqual([401, 200]);
    for (const { headers } of [challenge, proxied]) {
      expect(headers.get('access-control-allow-origin')).toEqual(['https://app.example']);
      expect(headers.get('access-control-expose-headers')).toEqual(['WWW-Authenticate, Retry-After']);
    }
  });
});

describe('A83 Identity header smuggling', () => {
  it.each([
    ['X-RqP-Email'],
    ['x-rqp-email'],
    ['X_RqP_Email'],
    ['X-UMA-Owner'],
    ['X_UMA_Scopes'],
    ['X-Forwarded-User'],
    ['X-Forwarded-For'],
    ['X-Auth-Request-Email'],
    ['Remote-User'],
    ['Forwarded'],
  ])('%s from a client does not reach the upstream', async (name) => {
    await under.send(NOTE, { headers: await authorized({ [name]: ['mallory', 'mallory2'] }) });
    const headers = under.upstream.requests[0]?.headers ?? {};
    expect(JSON.stringify(headers)).not.toContain('mallory');
    expect(headers['x-rqp-email']).toBe('bob@globex.example');
  });

  it('strips configured names too, also on public routes', async () => {
    const renamed = await GatewayUnderTest.start({ settings: { forwardedIdentity: { email: 'Acme-Person' } } });
    try {
      await renamed.send('/public/a', { headers: { 'Acme-Person': 'mallory', Acme_Person: 'mallory' } });
      expect(JSON.stringify(renamed.upstream.requests[0]?.headers)).not.toContain('mallory');
    } finally {
      await renamed.stop();
    }
  });
});

describe('A84 Hop-by-hop abuse', () => {
  it('a Connection header that names our headers removes none of them', async () => {
    const octets = `GET ${NOTE} HTTP/1.1\r\nHost: rs.acme.example\r\nAuthorization: ${(await authorized()).Authorization}\r\nConnection: close, X-RqP-Email, X-UMA-Owner, Authorization\r\n\r\n`;
    expect(await under.raw(octets)).toMatch(/^HTTP\/1.1 200 /);
    expect(under.upstream.requests[0]?.headers).toMatchObject({ 'x-rqp-email': 'bob@globex.example', 'x-uma-owner': 'alice@acme.example' });
  });
});

describe('A86 Host and scheme spoof', () => {
  it.each(['evil.example', 'rs.acme.example.evil.example', 'rs.acme.example:8443', '127.0.0.1'])('Host %s is not ours: 421', async (host) => {
    expect((await under.send(NOTE, { headers: { Host: host } })).status).toBe(421);
    expect(under.asRo.takeCalls()).toEqual([]);
  });

  it('two Host headers are refused', async () => {
    expect((await under.send(NOTE, { headers: { Host: ['rs.acme.example', 'evil.example'] } })).status).toBe(400);
  });

  it('X-Forwarded-Host and Forwarded change neither as_uri nor the resource URI', async () => {
    const answer = await under.send(NOTE, { headers: { Host: 'RS.acme.example:443', 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example', 'X-Forwarded-Proto': 'http' } });
    expect(answer.status).toBe(401);
    expect(under.asRo.permissionRequests.at(-1)?.resource_uri).toBe(`${PUBLIC_URL}${NOTE}`);
    expect(challenges(answer).join()).not.toContain('evil');
  });
});

describe('A87 Token leakage', () => {
  it('neither RPT nor DPoP nor PAT reach the upstream', async () => {
    await under.send(NOTE, { headers: await authorized({ DPoP: 'a.b.c' }) });
    const headers = under.upstream.requests[0]?.headers ?? {};
    expect([headers['authorization'], headers['dpop']]).toEqual([undefined, undefined]);
    expect(JSON.stringify(headers)).not.toContain('eyJ');
  });

  it('challenges of the upstream in our schemes do not reach the client', async () => {
    under.upstream.answer = (_request, response) =>
      void response.writeHead(401, { 'WWW-Authenticate': ['UMA as_uri="https://evil.example", ticket="t"', 'Bearer realm="x"', 'Basic realm="y"'] }).end();
    const answer = await under.send(NOTE, { headers: await authorized() });
    expect([answer.status, challenges(answer)]).toEqual([401, ['Basic realm="y"']]);
  });
});

describe('A78 Error oracle and logs', () => {
  it('no token and no e-mail address is logged', async () => {
    await under.send(NOTE);
    await under.send(NOTE, { headers: await authorized() });
    await under.send(NOTE, { headers: { Authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' } });
    expect(under.logLines.length).toBeGreaterThan(2);
    expect(under.logLines.join('')).not.toMatch(/eyJ|@|Bearer|\/users\//);
  });

  it('all tokens that are no good are answered alike', async () => {
    const bodies = new Set<string>();
    for (const token of ['garbage', await under.rpt([under.permission(NOTE, 'view')], { issuer: 'https://as.evil.example' as Issuer }), await under.asRo.mintPat()]) {
      const answer = await under.send(NOTE, { headers: { Authorization: `Bearer ${token}` } });
      bodies.add(JSON.stringify([answer.status, challenges(answer)[1], Object.keys(answer.json())]));
    }
    expect([...bodies]).toHaveLength(1);
  });
});

describe('A85 Request smuggling', () => {
  it.each([
    ['length and chunks', 'PUT', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'],
    ['two lengths', 'PUT', 'Content-Length: 4\r\nContent-Length: 5\r\n', 'body'],
    ['two codings', 'PUT', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n', '0\r\n\r\n'],
    ['a chunk extension', 'PUT', 'Transfer-Encoding: chunked\r\n', '4;x=1\r\nbody\r\n0\r\n\r\n'],
    ['a body on GET', 'GET', 'Content-Length: 4\r\n', 'body'],
    ['a folded header', 'PUT', 'X-A: 1\r\n Content-Length: 4\r\n', ''],
  ])('%s: 400, the connection ends, the upstream gets nothing', async (_description, method, framing, body) => {
    const { Authorization } = await authorized();
    const answer = await under.raw(`${method} ${NOTE} HTTP/1.1\r\nHost: rs.acme.example\r\nAuthorization: ${Authorization}\r\n${framing}\r\n${body}`);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(under.upstream.requests).toEqual([]);
  });
});

describe('A88 Token in query or body', () => {
  it.each(['access_token', 'access%5Ftoken', 'ACCESS_TOKEN', 'a=1&access_token', 'a=1;access_token', '+access_token'])('?%s=… is refused and not forwarded', async (name) => {
    const token = await under.rpt([under.permission(NOTE, 'view')]);
    for (const headers of [{}, await authorized()]) {
      const answer = await under.send(`${NOTE}?${name}=${token}`, { headers });
      expect([answer.status, challenges(answer)]).toEqual([400, ['Bearer error="invalid_request"']]);
    }
    expect((await under.send(`/public/x?${name}=${token}`)).status).toBe(400);
    expect([under.upstream.requests, under.asRo.takeCalls()]).toEqual([[], []]);
    expect(under.logLines.join('')).not.toContain(token.slice(0, 20));
  });

  it('a token in a form body is not read: the request has no token', async () => {
    const token = await under.rpt([under.permission(NOTE, 'edit')]);
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await under.send(NOTE, { method: 'PUT', headers, body: `access_token=${token}` })).status).toBe(401);
    expect(under.upstream.requests).toEqual([]);
  });
});

describe('A89 Upgrade and Expect', () => {
  it('asks for a withheld body only after authorization', async () => {
    const head = (authorization: string): string =>
      `PUT ${NOTE} HTTP/1.1\r\nHost: rs.acme.example\r\n${authorization}Content-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`;
    const refused = await under.raw(head(''));
    expect(refused).toMatch(/^HTTP\/1.1 401 /);
    expect(refused).not.toContain('100 Continue');

    const { hostname, port } = new URL(under.origin);
    const socket = connect(Number(port), hostname);
    socket.write(head(`Authorization: ${(await authorized()).Authorization}\r\n`));
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1.1 100 Continue/);
    socket.write('body');
    await once(socket, 'close');
    expect(under.upstream.requests[0]?.body).toBe('body');
  });

  it('does not upgrade: h2c goes on as plain HTTP and needs a token, WebSocket is refused', async () => {
    const upgrade = (protocol: string) => under.raw(`GET ${NOTE} HTTP/1.1\r\nHost: rs.acme.example\r\nConnection: close, Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`);
    expect(await upgrade('h2c')).toMatch(/^HTTP\/1.1 401 /);
    expect(await upgrade('websocket')).toMatch(/^HTTP\/1.1 501 /);
    expect(under.upstream.requests).toEqual([]);
  });
});

describe('A90 Cache confusion', () => {
  it('challenges and refusals are not stored, and vary with the token', async () => {
    for (const answer of [await under.send(NOTE), await under.send(NOTE, { headers: { Authorization: 'Bearer x' } }), await under.send('/nowhere')]) {
      expect(answer.headers.get('cache-control')).toEqual(['no-store']);
      expect(answer.headers.get('vary')).toEqual(['Authorization, DPoP']);
    }
  });

  it('an authorized answer is private, even when the upstream calls it public', async () => {
    under.upstream.answer = (_request, response) => void response.writeHead(200, { 'Cache-Control': 'public, max-age=60' }).end();
    const answer = await under.send(NOTE, { headers: await authorized() });
    expect(answer.headers.get('cache-control')).toEqual(['private, max-age=60']);
    expect(answer.headers.get('vary')).toEqual(['Authorization, DPoP']);
  });
});

describe('A91 Upstream SSRF and open proxy', () => {
  it.each(['http://evil.example/public/a', 'https://rs.acme.example/public/a', '//evil.example/public/a', 'evil.example:80', '*'])('the target %s selects no upstream', async (target) => {
    const answer = await under.raw(`GET ${target} HTTP/1.1\r\nHost: rs.acme.example\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 (400|404) /);
    expect(under.upstream.requests).toEqual([]);
  });
});

describe('A79 Path normalisation bypass', () => {
  it.each([
    '/public/..%2fusers/alice/notes/1',
    '/public/%2e%2e/users/alice/notes/1',
    '/public/%252e%252e/users/alice/notes/1',
    '/public/../users/alice/notes/1',
    '/public//users',
    '/public/a;x=1',
    '/public/.',
    '/public/a%5cb',
    '/public/a\\b',
    '/public/a%00',
    '/public/a.',
    '/public/a%20',
    '/public/%c0%ae%c0%ae/x',
    '/public/%zz',
    '/public/a#b',
  ])('%s has more than one reading: 400', async (target) => {
    const answer = await under.raw(`GET ${target} HTTP/1.1\r\nHost: rs.acme.example\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(under.upstream.requests).toEqual([]);
  });

  it('decides on the canonical form and forwards exactly that', async () => {
    expect((await under.send('/%75sers/%61lice/notes/%31')).status).toBe(401);
    expect((await under.send('/%75sers/%61lice/notes/%31', { headers: await authorized() })).status).toBe(200);
    expect(under.upstream.requests.map(({ target }) => target)).toEqual([NOTE]);
  });
});

describe('A93 Streams and the end of the token', () => {
  it('closes an answer that is still running when the RPT ends', async () => {
    under.upstream.answer = (_request, response) => void response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: 1\n\n');
    const token = await under.rpt([under.permission(NOTE, 'view')], { lifetimeSeconds: 120 });
    const { hostname, port } = new URL(under.origin);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.write(`GET ${NOTE} HTTP/1.1\r\nHost: rs.acme.example\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await once(socket, 'data');
    const closed = once(socket, 'close');
    under.timers.advance(119_999);
    expect(socket.destroyed).toBe(false);
    under.timers.advance(1);
    await closed;
  });
});

describe('A94 Header injection in the challenge', () => {
  it.each([
    ['line breaks', { ticket: 'a\r\nSet-Cookie: x=1' }],
    ['control characters', { resource_claims_token: 'a\u0000b' }],
    ['characters beyond ASCII', { issued_token_type: 'urn:é' }],
  ])('a ticket answer with %s makes no header', async (_description, ticketOverride) => {
    under.asRo.ticketOverride = ticketOverride;
    const answer = await under.send(NOTE);
    under.asRo.ticketOverride = {};
    expect([answer.status, challenges(answer), answer.headers.get('set-cookie')]).toEqual([403, [], undefined]);
  });

  it('quotes in a ticket stay inside it', async () => {
    under.asRo.ticketOverride = { ticket: 'a", as_uri="https://evil.example' };
    const answer = await under.send(NOTE);
    under.asRo.ticketOverride = {};
    expect(challenges(answer)[0]).toContain('ticket="a\\", as_uri=\\"https://evil.example"');
  });

  it('a challenge that would be longer than 4 KiB is not sent', async () => {
    under.asRo.ticketOverride = { ticket: 'a'.repeat(4000) };
    const answer = await under.send(NOTE);
    under.asRo.ticketOverride = {};
    expect([answer.status, challenges(answer)]).toEqual([403, []]);
  });
});

it('a foreign issuer never makes the gateway ask anybody but its own AS-RO', async () => {
  const token = await under.rpt([under.permission(NOTE, 'view')], { issuer: 'http://127.0.0.1:1' as Issuer });
  expect((await under.send(NOTE, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(401);
  expect(under.asRo.takeCalls()).toEqual(['POST /permission']);
});
