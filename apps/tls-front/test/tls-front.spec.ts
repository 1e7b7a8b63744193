import { X509Certificate } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as tlsConnect, createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@uma-federation/nest-kit';
import { createTlsFront, tlsFrontConfiguration, type TlsFront } from '../src/index.ts';
import { startReplica, type Answer, type Replica } from './support/service.ts';
import { throwAwayCertificate, type CertificateFiles } from './support/throw-away-certificate.ts';

let files: CertificateFiles;
beforeAll(() => {
  files = throwAwayCertificate(['rs.acme.example', 'as.acme.example']);
});
afterAll(() => rmSync(files.folder, { recursive: true }));

let replicas: Replica[] = [];
let addresses: readonly string[] = [];
let front: TlsFront;
let url: URL;
let answer: Answer = (_, response) => void response.end('hello');

/** @param freshMs 0 makes it ask before every request which replicas are ready, Infinity once */
async function startFront(freshMs: number, metrics?: { readonly host: string; readonly port: number }, authorityFile?: string): Promise<void> {
  const port = replicas[0]?.port ?? 0;
  const configuration = tlsFrontConfiguration.parse({
    ...{ certificateFile: files.certificateFile, privateKeyFile: files.privateKeyFile },
    hosts: { 'rs.acme.example': `http://gateway:${port}`, 'as.acme.example': `http://as-ro:${port}` },
    server: { host: '127.0.0.1', port: 0, answerTimeout: '2s' },
    health: { port: 0 },
    ...(metrics === undefined ? {} : { metrics }),
    ...(authorityFile === undefined ? {} : { clientCertificates: { certificateAuthorityFile: authorityFile } }),
  });
  front = await createTlsFront(configuration, { logger: createLogger({ name: 'tls-front', level: 'silent' }) }, { resolve: async (name) => (name === 'as-ro' ? [] : addresses), freshMs });
  url = new URL(await front.listen());
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Two replicas on one port, as containers have it, and the front before them. */
beforeEach(async () => {
  answer = (_, response) => void response.end('hello');
  const first = await startReplica('127.0.0.1', 0, (request, response) => answer(request, response));
  const second = await startReplica('127.0.0.2', first.port, (request, response) => answer(request, response));
  replicas = [first, second];
  addresses = ['127.0.0.1', '127.0.0.2'];
  await startFront(0);
});
afterEach(async () => {
  await front.stop();
  await Promise.all(replicas.map((replica) => replica.stop()));
});

interface Asked extends RequestOptions {
  readonly host?: string;
  readonly body?: string;
}

function open({ host = 'rs.acme.example', ...options }: Asked = {}): ReturnType<typeof httpsRequest> {
  const { headers, ...others } = options;
  return httpsRequest({
    ...{ host: url.hostname, port: url.port, servername: host, ca: readFileSync(files.certificateFile), agent: false },
    ...others,
    headers: { host, ...(headers as Record<string, string> | undefined) },
  });
}

async function ask({ body, ...options }: Asked = {}): Promise<{ status: number | undefined; body: string; answer: IncomingMessage }> {
  const request = open(options);
  request.end(body);
  const [received] = (await once(request, 'response')) as [IncomingMessage];
  return { status: received.statusCode, body: await text(received), answer: received };
}
const served = (): number[] => replicas.map(({ requests }) => requests.length);

describe('TLS front', () => {
  it('hands a request on as it is, with the address of the client and nothing that the client says about itself', async () => {
    const forged = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', tracestate: 'x=1', 'x-forwarded-for': '192.0.2.1', forwarded: 'for=192.0.2.1', 'x-forwarded-host': 'evil.example', 'x-real-ip': '192.0.2.1' };
    await ask({ path: '/users/alice/notes/1?x=%41', headers: { host: 'rs.acme.example:8443', authorization: 'DPoP t', dpop: 'p', ...forged } });
    const [request] = replicas.flatMap(({ requests }) => requests);
    expect(request?.url).toBe('/users/alice/notes/1?x=%41');
    expect(request?.headers).toEqual({
      ...{ host: 'rs.acme.example', authorization: 'DPoP t', dpop: 'p', connection: 'close', via: '1.1 tls-front' },
      ...{ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' },
      traceparent: expect.stringMatching(/^00-(?!4bf92f35)[0-9a-f]{32}-[0-9a-f]{16}-00$/),
    });
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('G68 speaks %s', async (version) => {
    expect((await ask({ minVersion: version, maxVersion: version })).status).toBe(200);
  });

  it.each(['TLSv1.1', 'TLSv1'] as const)('G68 does not speak %s (BCP 195)', async (version) => {
    const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
    await expect(ask(old)).rejects.toThrow(/protocol version/i);
    // This client could: it does with a server that lets it.
    const lax = createTlsServer({ cert: readFileSync(files.certificateFile), key: readFileSync(files.privateKeyFile), ...old }, (socket) => socket.end()).listen(0, '127.0.0.1');
    await once(lax, 'listening');
    const socket = tlsConnect({ host: '127.0.0.1', port: (lax.address() as AddressInfo).port, ca: readFileSync(files.certificateFile), servername: 'rs.acme.example', ...old });
    await once(socket, 'secureConnect');
    expect(socket.getProtocol()).toBe(version);
    socket.destroy();
    await new Promise((resolve) => lax.close(resolve));
  });

  it('lets no client say which certificate it has, in whatever spelling of the field (RFC 9440 4)', async () => {
    for (const name of ['client-cert', 'Client_Cert', 'CLIENT-CERT-CHAIN', 'client_cert-chain']) await ask({ headers: { [name]: ':AAAA:' } });
    const received = replicas.flatMap(({ requests }) => requests).flatMap(({ rawHeaders }) => rawHeaders);
    expect(received.filter((text) => /cert|AAAA/i.test(text))).toEqual([]);
    expect(served()).toEqual([2, 2]);
  });

  it('asks for a certificate when it is told to, requires none, and passes on what leads to the authority', async () => {
    const [mine, others] = [throwAwayCertificate(['app.acme.example']), throwAwayCertificate(['evil.example'])];
    try {
      await front.stop();
      await startFront(0, undefined, mine.certificateFile);
      const identity = ({ certificateFile, privateKeyFile }: CertificateFiles) => ({ cert: readFileSync(certificateFile), key: readFileSync(privateKeyFile) });
      const seen: unknown[] = [];
      answer = (request, response) => {
        seen.push(request.headers['client-cert']);
        response.end();
      };
      for (const shown of [{}, identity(mine), identity(others)]) expect((await ask({ ...shown, headers: { 'client-cert': ':AAAA:' } })).status).toBe(200);
      expect(seen).toEqual([undefined, `:${new X509Certificate(readFileSync(mine.certificateFile)).raw.toString('base64')}:`, undefined]);
    } finally {
      for (const { folder } of [mine, others]) rmSync(folder, { recursive: true });
    }
  });

  it('hands the answer back as it is, challenges and repeated fields included', async () => {
    answer = (_, response) =>
      void response
        .writeHead(401, 'Nope', ['WWW-Authenticate', 'UMA realm="notes", as_uri="https://as.acme.example"', 'WWW-Authenticate', 'DPoP', 'DPoP-Nonce', 'n', 'Keep-Alive', 'timeout=9', 'Warning', '199'])
        .end('{}');
    const { status, body, answer: received } = await ask();
    expect([status, received.statusMessage, body]).toEqual([401, 'Nope', '{}']);
    const values = (name: string) => received.rawHeaders.filter((_, index) => received.rawHeaders[index - 1]?.toLowerCase() === name && index % 2 === 1);
    expect(values('www-authenticate')).toEqual(['UMA realm="notes", as_uri="https://as.acme.example"', 'DPoP']);
    expect([values('dpop-nonce'), values('warning'), values('keep-alive')]).toEqual([['n'], ['199'], []]);
  });

  it.each([
    ['a host that is not in the table', { host: 'rs.globex.example', servername: undefined }],
    ['a host that the handshake was not for', { host: 'as.acme.example', servername: 'rs.acme.example' }],
  ])('refuses %s with 421', async (_, { host, servername }) => {
    const { status } = await ask({ host, checkServerIdentity: () => undefined, ...(servername === undefined ? {} : { servername }) });
    expect(status).toBe(421);
    expect(served()).toEqual([0, 0]);
  });

  it('refuses a request with two readings before any service sees it', async () => {
    const socket = tlsConnect({ port: Number(url.port), host: url.hostname, servername: 'rs.acme.example', ca: readFileSync(files.certificateFile) });
    await once(socket, 'secureConnect');
    socket.write('POST / HTTP/1.1\r\nHost: rs.acme.example\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect(served()).toEqual([0, 0]);
  });

  it('takes turns between replicas', async () => {
    for (let count = 0; count < 6; count += 1) expect((await ask()).status).toBe(200);
    expect(served()).toEqual([3, 3]);
  });

  it.each([
    ['says that it is not ready', 503],
    ['does not say whether it is ready', undefined],
  ])('passes over a replica that %s, until it is', async (_, readiness) => {
    const [first, second] = replicas as [Replica, Replica];
    first.readiness = readiness;
    for (let count = 0; count < 2; count += 1) expect((await ask()).status).toBe(200);
    expect(served()).toEqual([0, 2]);
    first.readiness = 404;
    for (let count = 0; count < 2; count += 1) expect((await ask()).status).toBe(200);
    expect(served()).toEqual([1, 3]);
    [first.readiness, second.readiness] = [503, 503];
    expect((await ask()).status).toBe(200);
  });

  it('prefers a replica that is slow to say that it is ready to one that says that it is not', async () => {
    const [first, second] = replicas as [Replica, Replica];
    [first.readiness, second.readiness] = [503, undefined];
    for (let count = 0; count < 2; count += 1) expect((await ask()).status).toBe(200);
    expect(served()).toEqual([0, 2]);
  });

  it('goes on to the next replica when one takes no connection though it was ready, with bodies too', async () => {
    await front.stop();
    await startFront(Infinity);
    answer = (request, response) => void request.pipe(response);
    const bodies = async (): Promise<string[]> => {
      const received: string[] = [];
      for (let count = 0; count < 4; count += 1) received.push((await ask({ method: 'POST', body: 'grant_type=x' })).body);
      return received;
    };
    await bodies();
    expect(served()).toEqual([2, 2]);
    const [dead] = replicas;
    await dead?.stop();
    replicas = replicas.slice(1);
    expect(await bodies()).toEqual(Array(4).fill('grant_type=x'));
    expect(served()).toEqual([6]);
  });

  it('sends an idempotent request to the next replica when the connection breaks without an answer', async () => {
    answer = (request, response) => {
      if (request.socket.localAddress === '127.0.0.1') request.socket.resetAndDestroy();
      else response.end('hello');
    };
    for (let count = 0; count < 2; count += 1) expect((await ask()).body).toBe('hello');
  });

  it('never sends a request twice that may have been acted upon', async () => {
    answer = (request) => void request.socket.resetAndDestroy();
    const { status, body } = await ask({ method: 'POST', body: 'grant_type=x' });
    expect([status, body]).toEqual([502, '{"error":"upstream_reset"}']);
    expect(served().reduce((sum, count) => sum + count)).toBe(1);
  });

  it('answers 502 when no replica can be reached, or none is known', async () => {
    addresses = ['127.0.0.3'];
    expect(await ask()).toMatchObject({ status: 502, body: '{"error":"upstream_unreachable"}' });
    expect((await ask({ host: 'as.acme.example' })).status).toBe(502);
  });

  it('answers 504 when a replica does not begin to answer in time', async () => {
    answer = () => undefined;
    expect(await ask({ method: 'POST', body: 'x' })).toMatchObject({ status: 504, body: '{"error":"upstream_timeout"}' });
  });

  it('streams: the client has the beginning before the service has sent the end', async () => {
    let finish = (): void => undefined;
    answer = (_, response) => {
      response.write('first');
      finish = () => void response.end(' second');
    };
    const request = open();
    request.end();
    const [received] = (await once(request, 'response')) as [IncomingMessage];
    const [chunk] = (await once(received, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('first');
    finish();
    expect(await text(received)).toBe(' second');
  });

  it('breaks the connection off when an answer ends early', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      response.socket?.destroySoon();
    };
    const request = open();
    request.end();
    const [received] = (await once(request, 'response')) as [IncomingMessage];
    await expect(text(received)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('stops the request to the service when the client leaves', async () => {
    let arrived = (): void => undefined;
    const reached = new Promise<void>((resolve) => (arrived = resolve));
    const aborted = new Promise<void>((resolve) => {
      answer = (request) => {
        request.on('close', resolve);
        arrived();
      };
    });
    const request = open({ method: 'POST' });
    request.on('error', () => undefined);
    request.write('begin');
    await reached;
    request.destroy();
    await aborted;
  });

  it('A89 asks for a withheld body only when the service asks for it', async () => {
    const early: string[] = [];
    for (const { server } of replicas) {
      server.on('checkContinue', (request: IncomingMessage, response) => {
        early.push(String(request.headers['content-length']));
        if (request.url === '/no') response.writeHead(401).end();
        else {
          response.writeContinue();
          request.pipe(response);
        }
      });
    }
    const refused = open({ method: 'PUT', path: '/no', headers: { expect: '100-continue', 'content-length': '4' } });
    refused.flushHeaders();
    let continued = false;
    refused.on('continue', () => (continued = true));
    const [no] = (await once(refused, 'response')) as [IncomingMessage];
    expect([no.statusCode, continued]).toEqual([401, false]);
    refused.destroy();
    const welcome = open({ method: 'PUT', path: '/yes', headers: { expect: '100-continue', 'content-length': '4' } });
    welcome.flushHeaders();
    await once(welcome, 'continue');
    welcome.end('body');
    const [yes] = (await once(welcome, 'response')) as [IncomingMessage];
    expect(await text(yes)).toBe('body');
    expect(early).toEqual(['4', '4']);
  });

  it('counts requests by the host of its table, on a port that closes when it stops, and nothing of a client\'s choice', async () => {
    const port = await freePort();
    await front.stop();
    await startFront(0, { host: '127.0.0.1', port });
    await ask({ path: '/users/alice/notes/1' });
    await ask({ host: 'unknown.example', servername: undefined, checkServerIdentity: () => undefined });
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain('http_server_request_duration_seconds_count{method="GET",route="rs.acme.example",status="200"} 1');
    expect(metrics).toContain('http_server_request_duration_seconds_count{method="GET",route="none",status="421"} 1');
    expect(metrics).toContain('http_server_refusals_total{reason="misdirected_request",error="invalid_request"} 1');
    expect(metrics).not.toMatch(/alice|unknown/);
    await front.stop();
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  });

  it('finishes what it has when it stops, says that it is not ready, and takes no new connection', async () => {
    let finish = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      answer = (_, response) => {
        finish = () => void response.end('finished');
        resolve();
      };
    });
    expect((await fetch(front.healthUrl)).status).toBe(200);
    const running = ask();
    await reached;
    const stopped = front.stop();
    expect((await fetch(front.healthUrl)).status).toBe(503);
    finish();
    expect((await running).body).toBe('finished');
    await stopped;
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
