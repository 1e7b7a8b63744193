import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startUpstream, type EchoUpstream, type SeenRequest } from './support/echo-upstream.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { isWhole, openRaw, parse, rawResponse, rawUntilClose, readUntil } from './support/raw-client.ts';

interface Corpus {
  readonly refused: readonly { readonly name: string; readonly head: string; readonly body: string }[];
}
const corpus = JSON.parse(readFileSync(new URL('corpus/framing.json', import.meta.url), 'utf8')) as Corpus;
const CHUNKED_HEAD = 'POST /notes HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\n\r\n';

let upstream: EchoUpstream;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway(upstream);
  await rawResponse(gateway.port, 'GET /warm HTTP/1.1\r\nHost: gw\r\n\r\n');
});
beforeEach(() => upstream.clear());
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

async function expectOnlyTheProbeUpstream(): Promise<void> {
  await rawResponse(gateway.port, 'GET /probe HTTP/1.1\r\nHost: gw\r\n\r\n');
  expect(upstream.requests.map((request) => request.url)).toEqual(['/probe']);
  expect(upstream.received()).toMatch(/^GET \/probe HTTP\/1\.1\r\n/);
}

/** The gateway answers this one itself; what was written before it has been read by then. */
async function untilGatewayHasRead(): Promise<void> {
  expect((await rawUntilClose(gateway.port, 'GET /% HTTP/1.1\r\nHost: gw\r\n\r\n')).status).toBe(400);
}

describe('A85 request smuggling', () => {
  it.each(corpus.refused)('answers $name with 400, closes the connection, and sends no octet upstream', async ({ head, body }) => {
    const response = await rawUntilClose(gateway.port, `${head}\r\n${body}`);
    expect(response.status).toBe(400);
    expect(response.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    await expectOnlyTheProbeUpstream();
  });

  it.each(corpus.refused.filter(({ body }) => body !== ''))('answers $name the same when head and body come in separate packets', async ({ head, body }) => {
    const socket = await openRaw(gateway.port);
    socket.setNoDelay(true);
    const text = readUntil(socket, () => false);
    socket.write(Buffer.from(`${head}\r\n`, 'latin1'));
    await untilGatewayHasRead();
    socket.write(Buffer.from(body, 'latin1'));
    expect(parse(await text).status).toBe(400);
    await rawResponse(gateway.port, 'GET /probe HTTP/1.1\r\nHost: gw\r\n\r\n');
    expect(upstream.requests.map((request) => request.url)).toEqual(['/probe']);
    expect(upstream.received()).toMatch(/^GET \/probe HTTP\/1\.1\r\n/);
  });

  it('never lets a mutated Transfer-Encoding smuggle: 400, or one request framed by its length', async () => {
    const refused: string[] = [];
    const through: string[] = [];
    const smuggled = '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw\r\n\r\n';
    const attack = async (line: string): Promise<void> => {
      const response = await rawResponse(gateway.port, `POST /outer HTTP/1.1\r\nHost: gw\r\nContent-Length: ${smuggled.length}\r\n${line}\r\n\r\n${smuggled}`);
      (response.status === 400 ? refused : through).push(line);
      if (response.status !== 400) expect(parse(response.text)).toMatchObject({ status: 200, body: expect.stringContaining('/smuggled') });
    };
    const mutations = transferEncodingMutations();
    for (let start = 0; start < mutations.length; start += 20) await Promise.all(mutations.slice(start, start + 20).map(attack));
    expect(refused.length + through.length).toBe(mutations.length);
    expect(upstream.requests.map((request) => request.url)).toEqual(through.map(() => '/outer'));
    // What goes through is a field of another name; no mutation of the value does.
    expect(through.filter((line) => /^transfer-encoding:/i.test(line))).toEqual([]);
    expect(upstream.received()).not.toMatch(/\r\ntransfer[^a-z0-9]encoding:/i);
  }, 30_000);

  it('breaks the upstream request off when the framing goes wrong later in the body', async () => {
    const socket = await openRaw(gateway.port);
    socket.write(`${CHUNKED_HEAD}5\r\nhello\r\n`);
    const outcome = gateway.nextOutcome();
    await rawResponseOnceUpstreamHas('hello');
    socket.write('5;a=b\r\nworld\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw\r\n\r\n');
    expect(parse(await readUntil(socket, () => false)).status).toBe(400);
    expect(await outcome).toEqual({ kind: 'client-aborted' });
    expect(upstream.received()).not.toContain('world');
    expect(upstream.received()).not.toContain('smuggled');
  });

  it('destroys the connection without a second answer when the framing goes wrong after the answer began', async () => {
    const early = await startUpstream((_request, response) => void response.write('early'));
    const front = await startGateway(early);
    const socket = await openRaw(front.port);
    const outcome = front.nextOutcome();
    socket.write(`${CHUNKED_HEAD}5\r\nhello\r\n`);
    const begun = await readUntil(socket, (text) => text.includes('early'));
    const rest = readUntil(socket, () => false);
    socket.write('5;a=b\r\nworld\r\n0\r\n\r\n');
    expect(begun + (await rest)).not.toMatch(/HTTP\/1\.1 400|\r\n0\r\n/);
    expect(await outcome).toEqual({ kind: 'client-aborted' });
    await front.close();
    await early.close();
  });

  it('answers pipelined requests in their order, one at a time', async () => {
    const order: string[] = [];
    const slow = await startUpstream((request, response) => {
      order.push(`${request.url} begins`);
      setImmediate(() => {
        order.push(`${request.url} ends`);
        response.end(request.url);
      });
    });
    const front = await startGateway(slow, { forwarder: { maxConnections: 8 } });
    const socket = await openRaw(front.port);
    socket.write(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: gw\r\n\r\n`).join(''));
    const text = await readUntil(socket, (seen) => seen.endsWith('/3'));
    expect(text.match(/\/[123](?=HTTP|$)/g)).toEqual(['/1', '/2', '/3']);
    expect(order).toEqual(['/1 begins', '/1 ends', '/2 begins', '/2 ends', '/3 begins', '/3 ends']);
    socket.destroy();
    await front.close();
    await slow.close();
  });

  it('never processes what is pipelined behind a refused request', async () => {
    const response = await rawUntilClose(gateway.port, 'GET /% HTTP/1.1\r\nHost: gw\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw\r\n\r\n');
    expect(response.status).toBe(400);
    await expectOnlyTheProbeUpstream();
  });

  it('destroys a connection that piles up requests', async () => {
    const silent = await startUpstream(() => undefined);
    const front = await startGateway(silent);
    const socket = await openRaw(front.port);
    socket.write('GET / HTTP/1.1\r\nHost: gw\r\n\r\n'.repeat(40));
    expect(await readUntil(socket, () => false)).toBe('');
    await front.close();
    await silent.close();
  });

  it('refuses a chunked request that is pipelined behind another one', async () => {
    const response = await rawUntilClose(gateway.port, `GET /first HTTP/1.1\r\nHost: gw\r\n\r\n${CHUNKED_HEAD}5\r\nhello\r\n0\r\n\r\n`);
    expect(response.text).not.toContain('/notes');
    await rawResponse(gateway.port, 'GET /probe HTTP/1.1\r\nHost: gw\r\n\r\n');
    expect(upstream.requests.map((request) => request.url)).not.toContain('/notes');
  });

  it('takes plain chunks however the packets are cut, and frames them anew', async () => {
    const octets = `\r\n${CHUNKED_HEAD}5\r\nhello\r\n006\r\n world\r\n0\r\n\r\n`;
    for (const cut of [1, 2, 3, CHUNKED_HEAD.length - 2, CHUNKED_HEAD.length, CHUNKED_HEAD.length + 1, CHUNKED_HEAD.length + 2, CHUNKED_HEAD.length + 3, octets.length - 3, octets.length - 1]) {
      const socket = await openRaw(gateway.port);
      socket.setNoDelay(true);
      const text = readUntil(socket, isWhole);
      socket.write(octets.slice(0, cut));
      await untilGatewayHasRead();
      socket.write(octets.slice(cut));
      expect((JSON.parse(parse(await text).body) as SeenRequest).body).toBe('hello world');
      socket.destroy();
    }
    expect(upstream.received()).not.toContain('\r\n006\r\n');
  });

  it('serves request after request on one connection, chunked and not', async () => {
    const socket = await openRaw(gateway.port);
    for (const octets of [`${CHUNKED_HEAD}1\r\na\r\n0\r\n\r\n`, 'GET /b HTTP/1.1\r\nHost: gw\r\n\r\n', `${CHUNKED_HEAD}1\r\nc\r\n0\r\nX-T: y\r\n\r\n`, 'POST /d HTTP/1.1\r\nHost: gw\r\nContent-Length: 1\r\n\r\nd', `${CHUNKED_HEAD}1\r\ne\r\n0\r\n\r\n`]) {
      const text = readUntil(socket, isWhole);
      socket.write(octets);
      expect(parse(await text).status).toBe(200);
    }
    socket.destroy();
    expect(upstream.requests.map((request) => request.body)).toEqual(['a', '', 'c', 'd', 'e']);
  });

  async function rawResponseOnceUpstreamHas(text: string): Promise<void> {
    while (!upstream.received().includes(text)) await new Promise((resolve) => setImmediate(resolve));
  }
});

/** Every octet at every place where parsers have been seen to be lenient, and the classic doubles. */
function transferEncodingMutations(): string[] {
  const lines: string[] = [];
  for (let code = 0; code < 256; code += 1) {
    const octet = String.fromCharCode(code);
    lines.push(`Transfer-Encoding:${octet}chunked`, `Transfer-Encoding: chunked${octet}`, `Transfer-Encoding${octet}: chunked`, `${octet}Transfer-Encoding: chunked`);
    lines.push(`Transfer${octet}Encoding: chunked`, `X: y${octet}Transfer-Encoding: chunked`);
  }
  for (const value of ['chunked', 'identity', 'x', '', 'gzip']) lines.push(`Transfer-Encoding: ${value}\r\nTransfer-Encoding: chunked`, `Transfer-Encoding: chunked\r\nTransfer-Encoding: ${value}`);
  // "\nTransfer-Encoding" and friends end the line before; what is left is then a line of its own.
  return lines;
}
