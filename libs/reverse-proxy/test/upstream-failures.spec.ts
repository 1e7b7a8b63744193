import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createForwarder, type Upstream } from '../src/index.ts';
import { headerValues, startUpstream } from './support/echo-upstream.ts';
import { startGateway, type GatewaySettings, type TestGateway } from './support/gateway.ts';
import { ManualClock } from './support/manual-clock.ts';
import { openRaw, rawResponse, rawUntilClose, readUntil } from './support/raw-client.ts';
import { selfSignedCertificate } from './support/self-signed-certificate.ts';

const GET = 'GET /notes HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer the.rpt\r\n\r\n';
const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

async function before(upstream: Upstream, settings: GatewaySettings = {}): Promise<TestGateway> {
  const gateway = await startGateway(upstream, settings);
  running.push(gateway);
  return gateway;
}

/** A server that speaks no HTTP of its own; gives its port. */
async function rawServer(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  running.push({
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return (server.address() as AddressInfo).port;
}

async function answering(octets: string, end: 'end' | 'reset' | 'stay' = 'stay'): Promise<Upstream> {
  const port = await rawServer((socket) =>
    socket.once('data', () => {
      socket.write(octets, () => {
        if (end === 'end') socket.end();
        if (end === 'reset') socket.resetAndDestroy();
      });
    }),
  );
  return { origin: `http://127.0.0.1:${port}` };
}

describe('upstream failures before the answer', () => {
  it('answers 502 when nobody listens, and says nothing more than that', async () => {
    const closed = await startUpstream();
    await closed.close();
    const response = await rawResponse((await before(closed)).port, GET);
    expect(response).toMatchObject({ status: 502, body: '{"error":"upstream_refused"}' });
    expect(headerValues(response.rawHeaders, 'cache-control')).toEqual(['no-store']);
    expect(response.text).not.toContain(String(closed.port));
  });

  it('answers 502 when the name does not resolve', async () => {
    expect(await rawResponse((await before({ origin: 'http://nowhere.invalid' })).port, GET)).toMatchObject({ status: 502, body: '{"error":"upstream_refused"}' });
  });

  it('answers 504 when no connection comes about in time', async () => {
    const port = await rawServer(() => undefined);
    const gateway = await before({ origin: `https://localhost:${port}` }, { forwarder: { connectTimeoutMs: 40 } });
    expect(await rawResponse(gateway.port, GET)).toMatchObject({ status: 504, body: '{"error":"upstream_connect_timeout"}' });
  });

  it('answers 504 when no answer comes in time', async () => {
    const gateway = await before(await answering(''), { forwarder: { headersTimeoutMs: 40 } });
    expect(await rawResponse(gateway.port, GET)).toMatchObject({ status: 504, body: '{"error":"upstream_headers_timeout"}' });
  });

  it('answers 502 when the connection is reset within the head', async () => {
    const gateway = await before(await answering('HTTP/1.1 200 OK\r\nContent-Le', 'reset'));
    expect(await rawResponse(gateway.port, GET)).toMatchObject({ status: 502, body: '{"error":"upstream_reset"}' });
  });

  it('answers 502 when the connection ends without an answer, and does not try again', async () => {
    let connections = 0;
    const port = await rawServer((socket) => {
      connections += 1;
      socket.once('data', () => socket.end());
    });
    const gateway = await before({ origin: `http://127.0.0.1:${port}` });
    expect(await rawResponse(gateway.port, GET)).toMatchObject({ status: 502, body: '{"error":"upstream_reset"}' });
    expect(connections).toBe(1);
  });

  it.each([
    ['something else than HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['both framings', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
    ['a folded field', 'HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 0\r\n\r\n'],
    ['an endless head', `HTTP/1.1 200 OK\r\n${`X-A: ${'b'.repeat(1_000)}\r\n`.repeat(40)}`],
  ])('answers 502 to %s', async (_name, octets) => {
    const gateway = await before(await answering(octets, 'end'), { forwarder: { maxResponseHeaderBytes: 16_384 } });
    expect(await rawResponse(gateway.port, GET)).toMatchObject({ status: 502, body: expect.stringMatching(/upstream_(protocol|reset)/) });
  });

  it('answers 503 when no upstream connection becomes free in time, and sends that request never', async () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    let release: (() => void) | undefined;
    const upstream = await startUpstream((request, response) => {
      seen.push(request.url ?? '');
      release = () => response.end('ok');
    });
    running.push(upstream);
    const gateway = await before(upstream, { forwarder: { clock, queueTimeoutMs: 1_000 } });
    const first = rawResponse(gateway.port, 'GET /first HTTP/1.1\r\nHost: gw\r\n\r\n');
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = rawResponse(gateway.port, 'GET /second HTTP/1.1\r\nHost: gw\r\n\r\n');
    while (clock.pending().length === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
    expect(await second).toMatchObject({ status: 503, body: '{"error":"upstream_busy"}' });
    release?.();
    expect((await first).status).toBe(200);
    const third = rawResponse(gateway.port, 'GET /third HTTP/1.1\r\nHost: gw\r\n\r\n');
    while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
    release?.();
    expect((await third).status).toBe(200);
    expect(seen).toEqual(['/first', '/third']);
  });

  it('drops interim answers, and gives the final one', async () => {
    const gateway = await before(await answering('HTTP/1.1 103 Early Hints\r\nX-RqP-Email: eve\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    const response = await rawResponse(gateway.port, GET);
    expect(response).toMatchObject({ status: 200, body: 'ok' });
    expect(response.text).not.toContain('eve');
  });

  it('lets the caller write the failure answer', async () => {
    const closed = await startUpstream();
    await closed.close();
    const gateway = await before(closed, { forwarder: { answerFailure: (response, failure) => void response.writeHead(failure.status, { 'content-length': 2 }).end('my') } });
    expect(await rawResponse(gateway.port, GET)).toMatchObject({ status: 502, body: 'my' });
  });
});

describe('upstream failures in the middle of the answer', () => {
  it.each([
    ['ends early', 'end', 'upstream_reset'],
    ['is reset', 'reset', 'upstream_reset'],
  ] as const)('destroys the client connection when the upstream %s', async (_name, end, reason) => {
    const gateway = await before(await answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello', end));
    const outcome = gateway.nextOutcome();
    const response = await rawUntilClose(gateway.port, GET);
    expect(response.body.length).toBeLessThan(100);
    expect(await outcome).toMatchObject({ kind: 'truncated', status: 200, failure: { reason } });
  });

  it('gives a chunked answer no false end', async () => {
    const gateway = await before(await answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'end'));
    expect((await rawUntilClose(gateway.port, GET)).text).not.toContain('0\r\n\r\n');
  });

  it('destroys the client connection when the upstream falls silent', async () => {
    const gateway = await before(await answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello'), { forwarder: { bodyTimeoutMs: 40 } });
    const outcome = gateway.nextOutcome();
    await rawUntilClose(gateway.port, GET);
    expect(await outcome).toMatchObject({ kind: 'truncated', responseBytes: 5, failure: { reason: 'upstream_body_timeout', status: 504 } });
  });

  it('lets a route wait longer than the default', async () => {
    const finish: (() => void)[] = [];
    const upstream = await startUpstream((_request, response) => {
      response.write('hello');
      finish.push(() => response.end('world'));
    });
    running.push(upstream);
    const patient = await before(upstream, { forwarder: { bodyTimeoutMs: 40 }, forward: { bodyTimeoutMs: 0 } });
    const impatient = await before(upstream, { forwarder: { bodyTimeoutMs: 40 } });
    const socket = await openRaw(patient.port);
    socket.write(GET);
    await readUntil(socket, (text) => text.includes('hello'));
    await rawUntilClose(impatient.port, GET);
    finish[0]?.();
    expect(await readUntil(socket, (text) => text.includes('0\r\n\r\n'))).toContain('world');
    socket.destroy();
  });
});

describe('TLS to the upstream', () => {
  it('refuses a self-signed certificate with 502, and sends it no token [M3]', async () => {
    const pair = selfSignedCertificate();
    let requests = 0;
    const upstream = await startUpstream((_request, response) => {
      requests += 1;
      response.end();
    }, pair);
    running.push(upstream);
    const gateway = await before({ origin: upstream.origin }, { forward: { passAuthorization: true } });
    expect(await rawResponse(gateway.port, GET)).toMatchObject({ status: 502, body: '{"error":"upstream_tls"}' });
    expect(requests).toBe(0);
  });

  it('takes the same certificate when its authority is configured', async () => {
    const pair = selfSignedCertificate();
    const upstream = await startUpstream(undefined, pair);
    running.push(upstream);
    const gateway = await before({ origin: upstream.origin, ca: pair.cert });
    expect((await rawResponse(gateway.port, GET)).status).toBe(200);
  });

  it('refuses a trusted certificate of another name', async () => {
    const pair = selfSignedCertificate();
    const upstream = await startUpstream(undefined, pair);
    running.push(upstream);
    const gateway = await before({ origin: upstream.origin.replace('localhost', '127.0.0.2'), ca: pair.cert });
    const { status, body } = await rawResponse(gateway.port, GET);
    expect(status).toBe(502);
    expect(body).toMatch(/upstream_(tls|refused)/);
  });
});

describe('forwarder', () => {
  it.each(['ftp://h', 'http://h/base', 'http://user@h', 'http://h?x', 'h', 'http://h#f'])('refuses the upstream origin %s', (origin) => {
    expect(() => createForwarder({ upstreams: { only: { origin } } })).toThrow();
  });

  it('A91 open proxy: knows only the upstreams it was made with', async () => {
    const upstream = await startUpstream();
    running.push(upstream);
    const gateway = await before(upstream, { forward: { upstream: 'other' } });
    const response = await rawUntilClose(gateway.port, GET);
    expect(response.status).toBe(500);
    expect(upstream.received()).toBe('');
  });

  it('lets a running exchange finish when it closes', async () => {
    let respond: (() => void) | undefined;
    const upstream = await startUpstream((_request, response) => {
      response.write('hello');
      respond = () => response.end('world');
    });
    running.push(upstream);
    const gateway = await before(upstream);
    const socket = await openRaw(gateway.port);
    socket.write(GET);
    await readUntil(socket, (text) => text.includes('hello'));
    const closed = gateway.forwarder.close();
    respond?.();
    expect(await readUntil(socket, (text) => text.includes('0\r\n\r\n'))).toContain('world');
    await closed;
    socket.destroy();
    expect((await rawResponse(gateway.port, GET)).status).toBe(502);
  });
});
