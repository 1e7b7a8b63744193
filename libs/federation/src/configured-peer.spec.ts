import type { RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startLocalServer, type LocalServer } from '../test/local-server.ts';
import { createThrowAwayAuthority } from '../test/throw-away-certificates.ts';
import { createConfiguredPeer, type ConfiguredPeer } from './configured-peer.ts';
import { PeerFailure } from './peer-failure.ts';

interface Seen {
  method: string;
  path: string;
  headers: Record<string, unknown>;
  body: string;
}

const authority = createThrowAwayAuthority();
const seen: Seen[] = [];
const serve: RequestListener = (request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, path: url, headers, body });
    if (url === '/silent') return;
    if (url === '/moved') response.writeHead(302, { location: '/ok' }).end();
    else if (url === '/busy') response.writeHead(503, { 'retry-after': '7', 'content-type': 'application/json' }).end('{}');
    else if (url === '/empty') response.writeHead(204).end();
    else if (url === '/huge') response.writeHead(200, { 'content-type': 'application/json' }).end(`"${'x'.repeat(300_000)}"`);
    else if (url === '/broken') response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":1,"a":2}');
    else if (url === '/html') response.writeHead(404, { 'content-type': 'text/html' }).end('<p>');
    else response.writeHead(url === '/refused' ? 403 : 200, { 'content-type': 'application/json' }).end('{"active":true}');
  });
};
let http: LocalServer;
let https: LocalServer;
let peer: ConfiguredPeer;

beforeAll(async () => {
  http = await startLocalServer(serve);
  https = await startLocalServer(serve, authority.issue(['localhost']));
  peer = createConfiguredPeer([origin()], { deadlineMs: 500 });
});
afterAll(async () => {
  await peer.close();
  await Promise.all([http.close(), https.close()]);
});

const origin = (): string => `http://127.0.0.1:${http.port}`;

async function failureOf(answer: Promise<unknown>): Promise<PeerFailure> {
  const outcome = await answer.catch((error: unknown) => error);
  if (outcome instanceof PeerFailure) return outcome;
  throw new Error(`no refusal: ${String(outcome)}`);
}

describe('createConfiguredPeer', () => {
  it('speaks JSON with the four methods', async () => {
    const answer = await peer.request({ method: 'PUT', url: `${origin()}/r/1`, json: { a: 1 }, headers: { Authorization: 'Bearer x' } });
    expect(answer).toMatchObject({ status: 200, json: { active: true } });
    expect(seen.at(-1)).toMatchObject({ method: 'PUT', path: '/r/1', body: '{"a":1}', headers: { authorization: 'Bearer x', 'content-type': 'application/json', accept: 'application/json' } });
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      await peer.request({ method, url: `${origin()}/r/1` });
      expect(seen.at(-1)).toMatchObject({ method, body: '' });
      expect(seen.at(-1)?.headers).not.toHaveProperty('content-type');
    }
  });

  it('posts forms, encoded', async () => {
    await peer.postForm(`${origin()}/introspect`, { token: 'a&b=c' }, { authorization: 'Basic eDp5' });
    expect(seen.at(-1)).toMatchObject({ method: 'POST', body: 'token=a%26b%3Dc', headers: { authorization: 'Basic eDp5', 'content-type': 'application/x-www-form-urlencoded' } });
  });

  it('returns refusals of the peer as answers, with JSON when it is JSON', async () => {
    expect(await peer.request({ method: 'GET', url: `${origin()}/refused` })).toMatchObject({ status: 403, json: { active: true } });
    expect((await peer.request({ method: 'GET', url: `${origin()}/html` })).json).toBeUndefined();
    expect(await peer.request({ method: 'DELETE', url: `${origin()}/empty` })).toMatchObject({ status: 204 });
  });

  it('keeps its connection', async () => {
    const connections = http.connectedTo.length;
    for (let turn = 0; turn < 5; turn += 1) await peer.request({ method: 'GET', url: `${origin()}/ok` });
    expect(http.connectedTo.length).toBeLessThanOrEqual(connections + 1);
  });

  it.each([
    ['/silent', 'timeout'],
    ['/moved', 'redirect_refused'],
    ['/busy', 'server_error'],
    ['/huge', 'body_too_large'],
    ['/broken', 'json_malformed'],
  ])('fails at %s with %s', async (path, reason) => {
    expect((await failureOf(peer.request({ method: 'GET', url: origin() + path }))).reason).toBe(reason);
  });

  it('passes on the status and Retry-After of a 5xx answer', async () => {
    expect(await failureOf(peer.request({ method: 'GET', url: `${origin()}/busy` }))).toMatchObject({ status: 503, retryAfterSeconds: 7 });
  });

  it('fails when nobody listens, and when its caller gives up', async () => {
    const closed = await startLocalServer(serve);
    await closed.close();
    const absent = createConfiguredPeer([`http://127.0.0.1:${closed.port}`]);
    expect((await failureOf(absent.request({ method: 'GET', url: `http://127.0.0.1:${closed.port}/` }))).reason).toBe('connection_failure');
    expect((await failureOf(peer.request({ method: 'GET', url: `${origin()}/ok`, signal: AbortSignal.abort() }))).reason).toBe('aborted');
  });

  it.each(['http://127.0.0.1:1/', 'https://as.evil.example/', 'nonsense', ''])('talks to no origin that is not configured: %s', async (url) => {
    expect((await failureOf(peer.request({ method: 'GET', url }))).reason).toBe('origin_not_configured');
    const disguised = `http://user@127.0.0.1:${http.port}/`;
    expect((await failureOf(peer.request({ method: 'GET', url: disguised }))).reason).toBe('origin_not_configured');
  });

  it.each(['https://as.example/', 'https://as.example/path', 'as.example', 'ftp://as.example', 'https://AS.example', ''])('is not constructed with the origin "%s"', (base) => {
    expect(() => createConfiguredPeer([base])).toThrow('origin');
  });

  it('verifies certificates: it trusts the given authority and no self-made one', async () => {
    const base = `https://localhost:${https.port}`;
    const strict = createConfiguredPeer([base]);
    const trusting = createConfiguredPeer([base], { certificateAuthorities: [authority.certificate] });
    const requests = seen.length;
    expect((await failureOf(strict.request({ method: 'GET', url: `${base}/ok`, headers: { authorization: 'Bearer secret' } }))).reason).toBe('tls_failure');
    expect(seen).toHaveLength(requests);
    expect((await trusting.request({ method: 'GET', url: `${base}/ok` })).status).toBe(200);
    await Promise.all([strict.close(), trusting.close()]);
  });
});
