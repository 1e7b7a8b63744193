import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { RequestListener } from 'node:http';
import { headerValues, startUpstream, type EchoUpstream, type SeenRequest } from './support/echo-upstream.ts';
import { startGateway, type GatewaySettings, type TestGateway } from './support/gateway.ts';
import { openRaw, parse, rawResponse, rawUntilClose, readUntil } from './support/raw-client.ts';

let upstream: EchoUpstream;
let gateway: TestGateway;
const more: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway(upstream);
});
afterEach(async () => {
  for (const running of more.splice(0)) await running.close();
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

async function seen(lines: readonly string[], body = '', method = 'GET'): Promise<SeenRequest> {
  const response = await rawResponse(gateway.port, `${[`${method} /notes HTTP/1.1`, 'Host: gw', ...lines].join('\r\n')}\r\n\r\n${body}`);
  expect(response.status).toBe(200);
  return JSON.parse(response.body) as SeenRequest;
}

/** A gateway before an upstream that answers as told. */
async function behind(handler: RequestListener, settings: GatewaySettings = {}): Promise<TestGateway> {
  const answering = await startUpstream(handler);
  const front = await startGateway(answering, settings);
  more.push(front, answering);
  return front;
}

describe('A82 method tricks', () => {
  it('answers TRACE and CONNECT with 405 and Allow', async () => {
    const trace = await rawResponse(gateway.port, 'TRACE / HTTP/1.1\r\nHost: gw\r\n\r\n');
    expect(trace.status).toBe(405);
    expect(headerValues(trace.rawHeaders, 'allow')).toEqual(['GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']);
    const connect = await rawUntilClose(gateway.port, 'CONNECT internal:22 HTTP/1.1\r\nHost: gw\r\n\r\n');
    expect(connect.status).toBe(405);
    expect(headerValues(connect.rawHeaders, 'allow')).toEqual(['GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS']);
  });

  it('answers a known but foreign verb with 501, and a verb in lower case or unknown to HTTP with 400', async () => {
    expect((await rawResponse(gateway.port, 'PROPFIND / HTTP/1.1\r\nHost: gw\r\n\r\n')).status).toBe(501);
    expect((await rawUntilClose(gateway.port, 'get / HTTP/1.1\r\nHost: gw\r\n\r\n')).status).toBe(400);
    expect((await rawUntilClose(gateway.port, 'FROBNICATE / HTTP/1.1\r\nHost: gw\r\n\r\n')).status).toBe(400);
  });

  it('forwards the method of the request line and no override', async () => {
    const request = await seen(['X-HTTP-Method-Override: DELETE', 'X_HTTP_Method: DELETE', 'X-Method-Override: DELETE']);
    expect(request.method).toBe('GET');
    expect(request.rawHeaders.join()).not.toContain('DELETE');
  });

  it('forwards HEAD as HEAD and gives back its length without a body', async () => {
    const front = await behind((request, response) => response.writeHead(200, { 'content-length': 42, 'x-method': request.method }).end());
    const response = await rawUntilClose(front.port, 'HEAD / HTTP/1.1\r\nHost: gw\r\nConnection: close\r\n\r\n');
    expect(headerValues(response.rawHeaders, 'x-method')).toEqual(['HEAD']);
    expect(headerValues(response.rawHeaders, 'content-length')).toEqual(['42']);
    expect(response.body).toBe('');
  });
});

describe('request bodies', () => {
  it('frames them as the client did: by length, in chunks, or not at all', async () => {
    const byLength = await seen(['Content-Length: 5'], 'hello', 'DELETE');
    expect(byLength).toMatchObject({ method: 'DELETE', body: 'hello' });
    expect(headerValues(byLength.rawHeaders, 'content-length')).toEqual(['5']);
    const chunked = await seen(['Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\n\r\n', 'PATCH');
    expect(chunked.body).toBe('hello');
    expect(headerValues(chunked.rawHeaders, 'transfer-encoding')).toEqual(['chunked']);
    const none = await seen(['Content-Length: 0'], '', 'GET');
    expect([...headerValues(none.rawHeaders, 'content-length'), ...headerValues(none.rawHeaders, 'transfer-encoding')]).toEqual([]);
    expect(headerValues((await seen([], '', 'POST')).rawHeaders, 'content-length')).toEqual(['0']);
  });
});

describe('A83 identity header smuggling', () => {
  it('lets the upstream see our identity and nobody else\'s', async () => {
    const lines = ['X-RqP-Email', 'x-rqp-email', 'X_RqP_Email', 'X.RqP.Email', 'X-RQP-Sub', 'X-Forwarded-User', 'Remote-User', 'REMOTE_USER', 'X-Auth-User', 'X_User_Id', 'X-UMA-Scopes'];
    const request = await seen(lines.flatMap((name) => [`${name}: eve@evil.example`, `${name}: eve@evil.example`]));
    expect(request.rawHeaders.join('\n')).not.toContain('eve');
    expect(headerValues(request.rawHeaders, 'x-rqp-email')).toEqual(['bob@globex.example']);
  });

  it('states client address, scheme and host from the connection and the configuration only [A86]', async () => {
    const request = await seen(['X-Forwarded-For: 198.51.100.9', 'X-Forwarded-Proto: http', 'X-Forwarded-Host: evil.example', 'Forwarded: for=198.51.100.9;host=evil.example', 'X-Real-IP: 198.51.100.9']);
    expect(headerValues(request.rawHeaders, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(headerValues(request.rawHeaders, 'x-forwarded-proto')).toEqual(['https']);
    expect(headerValues(request.rawHeaders, 'x-forwarded-host')).toEqual(['notes.acme.example']);
    expect(headerValues(request.rawHeaders, 'forwarded')).toEqual(['for=127.0.0.1;host="notes.acme.example";proto=https']);
    expect(headerValues(request.rawHeaders, 'via')).toEqual(['1.1 uma-gateway']);
  });
});

describe('A84 hop-by-hop abuse', () => {
  it('cannot be talked out of its own fields by Connection', async () => {
    const request = await seen(['Connection: keep-alive, X-RqP-Email, X-Forwarded-For, Host, X-Secret', 'X-Secret: s']);
    expect(headerValues(request.rawHeaders, 'x-rqp-email')).toEqual(['bob@globex.example']);
    expect(headerValues(request.rawHeaders, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(headerValues(request.rawHeaders, 'host')).toEqual([`127.0.0.1:${upstream.port}`]);
    expect(headerValues(request.rawHeaders, 'x-secret')).toEqual([]);
  });

  it.each(['Keep-Alive: 1', 'Upgrade: h2c', 'TE: trailers', 'Proxy-Connection: keep-alive', 'Proxy: http://evil', 'Connection: , ,;x', 'Connection: close, close'])('takes %s without an error and forwards nothing of it', async (line) => {
    const request = await seen([line]);
    expect(headerValues(request.rawHeaders, line.slice(0, line.indexOf(':'))).filter((value) => value !== 'keep-alive')).toEqual([]);
  });

  it('drops request trailers, declared or not', async () => {
    const request = await seen(['Trailer: X-RqP-Email', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n0\r\nX-RqP-Email: eve\r\nX-Other: eve\r\n\r\n', 'POST');
    expect(request).toMatchObject({ body: 'hello', trailers: {} });
    expect(headerValues(request.rawHeaders, 'trailer')).toEqual([]);
  });

  it('drops response trailers and connection fields', async () => {
    const front = await behind((_request, response) => {
      response.writeHead(200, { trailer: 'x-late', connection: 'close, x-secret', 'x-secret': 's' });
      response.addTrailers({ 'x-late': 'y' });
      response.end('hello');
    });
    const response = await rawResponse(front.port, 'GET / HTTP/1.1\r\nHost: gw\r\n\r\n');
    expect(response.body).toBe('5\r\nhello\r\n0\r\n\r\n');
    expect(response.text).not.toMatch(/x-late|x-secret/i);
  });
});

describe('A87 token leakage', () => {
  it('keeps Authorization and DPoP from the upstream', async () => {
    const request = await seen(['Authorization: Bearer the.rpt', 'DPoP: the.proof']);
    expect(request.rawHeaders.join('\n')).not.toMatch(/the\.(rpt|proof)/);
  });

  it('passes them where the route says so', async () => {
    const front = await startGateway(upstream, { forward: { passAuthorization: true } });
    more.push(front);
    const response = await rawResponse(front.port, 'GET / HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer the.rpt\r\n\r\n');
    expect(headerValues((JSON.parse(response.body) as SeenRequest).rawHeaders, 'authorization')).toEqual(['Bearer the.rpt']);
  });

  it('removes upstream challenges of our schemes, keeps foreign ones and cookies, and marks the answer as one person\'s [A90]', async () => {
    const front = await behind((_request, response) =>
      response
        .writeHead(401, [
          ...['WWW-Authenticate', 'UMA as_uri="https://evil", ticket="t"', 'WWW-Authenticate', 'Bearer error="x"', 'WWW-Authenticate', 'Basic realm="y"', 'DPoP-Nonce', 'n'],
          ...['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Cache-Control', 'public, max-age=60', 'Vary', 'Accept', 'Content-Length', '0'],
        ])
        .end(),
    );
    const { status, rawHeaders } = await rawResponse(front.port, 'GET / HTTP/1.1\r\nHost: gw\r\n\r\n');
    expect(status).toBe(401);
    expect(headerValues(rawHeaders, 'www-authenticate')).toEqual(['Basic realm="y"']);
    expect(headerValues(rawHeaders, 'dpop-nonce')).toEqual([]);
    expect(headerValues(rawHeaders, 'set-cookie')).toEqual(['a=1', 'b=2']);
    expect(headerValues(rawHeaders, 'cache-control')).toEqual(['private, max-age=60']);
    expect(headerValues(rawHeaders, 'vary')).toEqual(['Accept, Authorization, DPoP']);
  });
});

describe('A89 upgrade, h2c, Range and Expect', () => {
  it('refuses a WebSocket upgrade with 501 and sends nothing upstream', async () => {
    upstream.clear();
    const response = await rawUntilClose(gateway.port, 'GET /ws HTTP/1.1\r\nHost: gw\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n');
    expect(response.status).toBe(501);
    expect(upstream.received()).toBe('');
  });

  it('answers an h2c upgrade as plain HTTP/1.1 and forwards no trace of it', async () => {
    const request = await seen(['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__']);
    expect(request.rawHeaders.join('\n')).not.toMatch(/h2c|http2-settings|upgrade/i);
  });

  it('does not tunnel when the upstream switches protocols unasked', async () => {
    const front = await behind((_request, response) => {
      response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello');
    });
    expect((await rawResponse(front.port, 'GET / HTTP/1.1\r\nHost: gw\r\n\r\n')).status).toBe(502);
  });

  it('hands Range through and the partial answer back', async () => {
    const front = await behind((request, response) => response.writeHead(206, { 'content-range': 'bytes 0-1/9', 'content-length': 2, 'x-range': request.headers.range }).end('he'));
    const response = await rawResponse(front.port, 'GET / HTTP/1.1\r\nHost: gw\r\nRange: bytes=0-1\r\n\r\n');
    expect(response).toMatchObject({ status: 206, body: 'he' });
    expect(headerValues(response.rawHeaders, 'x-range')).toEqual(['bytes=0-1']);
  });

  it('answers Expect: 100-continue only after authorization, and keeps it from the upstream', async () => {
    const decisions: boolean[] = [];
    const front = await startGateway(upstream, {
      authorize: (headers) => {
        decisions.push(headers.values('authorization').length === 1);
        return decisions.at(-1) === true;
      },
    });
    more.push(front);
    const head = 'POST /notes HTTP/1.1\r\nHost: gw\r\nExpect: 100-continue\r\nContent-Length: 5\r\n';

    const refused = await rawUntilClose(front.port, `${head}\r\n`);
    expect(refused.status).toBe(401);
    expect(refused.text).not.toContain('100 Continue');

    const socket = await openRaw(front.port);
    socket.write(`${head}Authorization: Bearer x\r\n\r\n`);
    expect(await readUntil(socket, (text) => text.endsWith('\r\n\r\n'))).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(decisions).toEqual([false, true]);
    const answer = readUntil(socket, (text) => text.includes('hello'));
    socket.write('hello');
    const response = parse(await answer);
    expect(headerValues(response.rawHeaders, 'connection')).toEqual(['keep-alive']);
    const request = JSON.parse(response.body) as SeenRequest;
    expect(request.body).toBe('hello');
    expect(headerValues(request.rawHeaders, 'expect')).toEqual([]);
    socket.destroy();
  });

  it('answers any other expectation with 417', async () => {
    expect((await rawResponse(gateway.port, 'POST / HTTP/1.1\r\nHost: gw\r\nExpect: the-moon\r\nContent-Length: 0\r\n\r\n')).status).toBe(417);
  });
});
