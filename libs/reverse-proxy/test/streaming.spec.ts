import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startUpstream } from './support/echo-upstream.ts';
import { startGateway, type GatewaySettings, type TestGateway } from './support/gateway.ts';
import { ManualClock } from './support/manual-clock.ts';
import { openRaw, parse, rawResponse, readUntil } from './support/raw-client.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

async function behind(handler: RequestListener, settings: GatewaySettings = {}): Promise<TestGateway> {
  const upstream = await startUpstream(handler);
  const gateway = await startGateway(upstream, settings);
  running.push(gateway, upstream);
  return gateway;
}

/** Resolves with the first call's arguments: the upstream's side of an exchange. */
function upstreamSide(): { handler: RequestListener; arrived: Promise<[IncomingMessage, ServerResponse]> } {
  let settle: (pair: [IncomingMessage, ServerResponse]) => void;
  const arrived = new Promise<[IncomingMessage, ServerResponse]>((resolve) => (settle = resolve));
  return { handler: (request, response) => settle([request, response]), arrived };
}

/** `once` would take the error of an aborted request for its own. */
function closeOf(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => void request.on('error', () => undefined).on('close', resolve));
}

/** Lets the event loop go round often enough for every buffer on the way to fill. */
async function untilSteady(value: () => number): Promise<number> {
  let last = -1;
  for (let steady = 0; steady < 300; steady += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (value() !== last) steady = 0;
    last = value();
  }
  return last;
}

const MIB = 2 ** 20;
const TOTAL = 96 * MIB;
const PIECE = Buffer.alloc(MIB, 'x');
const GET = 'GET /stream HTTP/1.1\r\nHost: gw\r\n\r\n';

describe('streaming', () => {
  it('lets the first octet of a request through before the last is sent', async () => {
    const { handler, arrived } = upstreamSide();
    const gateway = await behind(handler);
    const socket = await openRaw(gateway.port);
    socket.write('POST /stream HTTP/1.1\r\nHost: gw\r\nContent-Length: 10\r\n\r\nhello');
    const [request, response] = await arrived;
    expect(String((await once(request, 'data'))[0])).toBe('hello');
    socket.write('world');
    expect(String((await once(request, 'data'))[0])).toBe('world');
    response.end('done');
    expect(await readUntil(socket, (text) => text.includes('done'))).toContain('200 OK');
    socket.destroy();
  });

  it('lets head and first octet of an answer through before the last is sent', async () => {
    const { handler, arrived } = upstreamSide();
    const gateway = await behind(handler);
    const socket = await openRaw(gateway.port);
    socket.write(GET);
    const [, response] = await arrived;
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    expect(await readUntil(socket, (text) => text.includes('\r\n\r\n'))).toContain('text/event-stream');
    response.write('data: 1\n\n');
    expect(await readUntil(socket, (text) => text.includes('data: 1'))).toContain('data: 1');
    response.end('data: 2\n\n');
    expect(await readUntil(socket, (text) => text.includes('0\r\n\r\n'))).toContain('data: 2');
    socket.destroy();
  });

  it('carries both directions at once', async () => {
    const gateway = await behind((request, response) => void request.pipe(response));
    const socket = await openRaw(gateway.port);
    socket.write('POST /echo HTTP/1.1\r\nHost: gw\r\nContent-Length: 8\r\n\r\nping');
    expect(await readUntil(socket, (text) => text.includes('ping'))).toContain('200 OK');
    socket.write('pong');
    expect(await readUntil(socket, (text) => text.includes('0\r\n\r\n'))).toContain('pong');
    socket.destroy();
  });

  it('holds a fast client back while the upstream does not read, and loses nothing', async () => {
    const { handler, arrived } = upstreamSide();
    const gateway = await behind(handler);
    const socket = await openRaw(gateway.port);
    socket.write(`PUT /big HTTP/1.1\r\nHost: gw\r\nContent-Length: ${TOTAL}\r\n\r\n`);
    let sent = 0;
    const send = (): void => {
      while (sent < TOTAL) {
        sent += PIECE.length;
        if (!socket.write(PIECE)) return;
      }
    };
    socket.on('drain', send);
    send();
    const [request, response] = await arrived;
    expect(await untilSteady(() => sent)).toBeLessThan(TOTAL / 2);

    let received = 0;
    request.on('data', (chunk: Buffer) => (received += chunk.length)).on('end', () => response.end('done'));
    await readUntil(socket, (text) => text.includes('done'));
    expect(received).toBe(TOTAL);
    socket.destroy();
  }, 30_000);

  it('holds a fast upstream back while the client does not read, and loses nothing', async () => {
    const { handler, arrived } = upstreamSide();
    const gateway = await behind(handler);
    const socket = await openRaw(gateway.port);
    socket.pause();
    socket.write(GET);
    const [, response] = await arrived;
    response.writeHead(200, { 'content-length': TOTAL });
    let sent = 0;
    const send = (): void => {
      while (sent < TOTAL) {
        sent += PIECE.length;
        if (!response.write(PIECE)) return;
      }
      response.end();
    };
    response.on('drain', send);
    send();
    expect(await untilSteady(() => sent)).toBeLessThan(TOTAL / 2);

    const outcome = gateway.nextOutcome();
    let received = 0;
    socket.on('data', (chunk: Buffer) => (received += chunk.length)).resume();
    expect(await outcome).toEqual({ kind: 'completed', status: 200, responseBytes: TOTAL });
    while (received < TOTAL) await once(socket, 'data');
    socket.destroy();
  }, 30_000);

  it('does not decompress, and does not follow redirects', async () => {
    const gateway = await behind((_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/', 'content-encoding': 'gzip', 'content-length': 8 }).end('not gzip'));
    expect(await rawResponse(gateway.port, GET)).toMatchObject({ status: 302, body: 'not gzip' });
  });

  it('gives back an answer that comes before the body was read, and keeps the connection in step', async () => {
    const gateway = await behind((request, response) => {
      if (request.url === '/stream') response.end('next');
      else response.writeHead(413, { 'content-length': 0, connection: 'close' }).end();
    });
    const socket = await openRaw(gateway.port);
    socket.write('POST /big HTTP/1.1\r\nHost: gw\r\nContent-Length: 10\r\n\r\nhello');
    expect(parse(await readUntil(socket, (text) => text.includes('\r\n\r\n'))).status).toBe(413);
    const next = readUntil(socket, (text) => text.includes('next'));
    socket.write(`world${GET}`);
    expect(parse(await next).status).toBe(200);
    socket.destroy();
  });
});

describe('clients that leave', () => {
  it('aborts the upstream request when the client leaves before the answer', async () => {
    const { handler, arrived } = upstreamSide();
    const gateway = await behind(handler);
    const outcome = gateway.nextOutcome();
    const socket = await openRaw(gateway.port);
    socket.write(GET);
    const [, response] = await arrived;
    const closed = once(response, 'close');
    socket.destroy();
    await closed;
    expect(await outcome).toEqual({ kind: 'client-aborted' });
  });

  it('aborts the upstream request when the client leaves in the middle of its body', async () => {
    const { handler, arrived } = upstreamSide();
    const gateway = await behind(handler);
    const outcome = gateway.nextOutcome();
    const socket = await openRaw(gateway.port);
    socket.write('POST /x HTTP/1.1\r\nHost: gw\r\nContent-Length: 10\r\n\r\nhello');
    const [request] = await arrived;
    const aborted = closeOf(request);
    socket.destroy();
    await aborted;
    expect(request.complete).toBe(false);
    expect(await outcome).toEqual({ kind: 'client-aborted' });
  });

  it('aborts the upstream request when the client leaves in the middle of the answer', async () => {
    const { handler, arrived } = upstreamSide();
    const gateway = await behind(handler);
    const outcome = gateway.nextOutcome();
    const socket = await openRaw(gateway.port);
    socket.write(GET);
    const [, response] = await arrived;
    response.write('hello');
    await readUntil(socket, (text) => text.includes('hello'));
    const closed = once(response, 'close');
    socket.destroy();
    await closed;
    expect(response.writableFinished).toBe(false);
    expect(await outcome).toEqual({ kind: 'client-aborted' });
  });

  it('ends the exchange of a client that stops reading', async () => {
    const clock = new ManualClock();
    const { handler, arrived } = upstreamSide();
    const gateway = await behind(handler, { forwarder: { clock, clientStallTimeoutMs: 1_000, queueTimeoutMs: 90_000 } });
    const outcome = gateway.nextOutcome();
    const socket = await openRaw(gateway.port);
    socket.pause();
    socket.write(GET);
    const [, response] = await arrived;
    const closed = once(response, 'close');
    response.writeHead(200, { 'content-length': TOTAL });
    const send = (): void => {
      while (response.write(PIECE));
    };
    response.on('drain', send).on('error', () => undefined);
    send();
    await untilSteady(() => clock.pending().length);
    clock.advance(999);
    expect(gateway.outcomes).toEqual([]);
    clock.advance(1);
    expect(await outcome).toMatchObject({ kind: 'truncated', failure: { reason: 'client_stalled' } });
    await closed;
    socket.destroy();
  });

  it('answers a client that stops sending with 408 and closes', async () => {
    const clock = new ManualClock();
    const { handler, arrived } = upstreamSide();
    const gateway = await behind(handler, { forwarder: { clock, clientStallTimeoutMs: 1_000, queueTimeoutMs: 90_000 } });
    const socket = await openRaw(gateway.port);
    socket.write('POST /x HTTP/1.1\r\nHost: gw\r\nContent-Length: 10\r\n\r\nhello');
    const [request] = await arrived;
    const aborted = closeOf(request);
    await once(request, 'data');
    const text = readUntil(socket, () => false);
    clock.advance(1_000);
    expect(parse(await text)).toMatchObject({ status: 408, body: '{"error":"client_stalled"}' });
    await aborted;
    expect(request.complete).toBe(false);
  });
});

describe('A93 streams that outlive their authorization', () => {
  it('closes a running stream at the deadline, on both sides', async () => {
    const clock = new ManualClock();
    const { handler, arrived } = upstreamSide();
    const gateway = await behind(handler, { forwarder: { clock }, forward: { deadlineEpochMs: clock.nowEpochMs() + 60_000 } });
    const outcome = gateway.nextOutcome();
    const socket = await openRaw(gateway.port);
    socket.write(GET);
    const [, response] = await arrived;
    const closed = once(response, 'close');
    response.write('hello');
    await readUntil(socket, (text) => text.includes('hello'));
    const ended = once(socket, 'close');
    clock.advance(59_999);
    response.write('again');
    await readUntil(socket, (text) => text.includes('again'));
    clock.advance(1);
    await Promise.all([ended, closed]);
    expect(await outcome).toMatchObject({ kind: 'truncated', failure: { reason: 'deadline' } });
  });

  it('sends nothing upstream once the deadline has passed', async () => {
    const clock = new ManualClock();
    const upstream = await startUpstream();
    const gateway = await startGateway(upstream, { forwarder: { clock }, forward: { deadlineEpochMs: clock.nowEpochMs() } });
    running.push(gateway, upstream);
    expect(await rawResponse(gateway.port, GET)).toMatchObject({ status: 504, body: '{"error":"deadline"}' });
    expect(upstream.received()).toBe('');
  });

  it('leaves no timer behind', async () => {
    const clock = new ManualClock();
    const upstream = await startUpstream();
    const gateway = await startGateway(upstream, { forwarder: { clock }, forward: { deadlineEpochMs: clock.nowEpochMs() + 60_000 } });
    running.push(gateway, upstream);
    const outcome = gateway.nextOutcome();
    await rawResponse(gateway.port, 'POST /x HTTP/1.1\r\nHost: gw\r\nContent-Length: 5\r\n\r\nhello');
    await outcome;
    expect(clock.pending()).toEqual([]);
  });
});
