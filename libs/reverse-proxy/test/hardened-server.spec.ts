import { afterEach, describe, expect, it } from '@jest/globals';
import { serverOptions } from '../src/index.ts';
import { startUpstream, type EchoUpstream } from './support/echo-upstream.ts';
import { startGateway, type GatewaySettings, type TestGateway } from './support/gateway.ts';
import { isWhole, openRaw, openRawTls, parse, rawUntilClose, readUntil } from './support/raw-client.ts';
import { selfSignedCertificate } from './support/self-signed-certificate.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

async function start(settings: GatewaySettings): Promise<{ upstream: EchoUpstream; gateway: TestGateway }> {
  const upstream = await startUpstream();
  const gateway = await startGateway(upstream, settings);
  running.push(gateway, upstream);
  return { upstream, gateway };
}

describe('hardened server', () => {
  it('ends a slow head and a slow body when their time is up [M8]', async () => {
    const { gateway } = await start({ limits: { headersTimeoutMs: 40, requestTimeoutMs: 80, checkIntervalMs: 20 } });
    expect((await rawUntilClose(gateway.port, 'POST / HTTP/1.1\r\nHost: gw\r\nX-')).status).toBe(408);
    expect((await rawUntilClose(gateway.port, 'POST / HTTP/1.1\r\nHost: gw\r\nContent-Length: 10\r\n\r\nhello')).status).toBe(408);
  });

  it('refuses a head over its limit with 431', async () => {
    const { gateway } = await start({ limits: { maxHeaderBytes: 1_024 } });
    expect((await rawUntilClose(gateway.port, `GET / HTTP/1.1\r\nHost: gw\r\nX-A: ${'b'.repeat(2_000)}\r\n\r\n`)).status).toBe(431);
  });

  it('ends idle connections when their time is up', async () => {
    const { gateway } = await start({ limits: { keepAliveTimeoutMs: 30 } });
    const socket = await openRaw(gateway.port);
    socket.write('GET / HTTP/1.1\r\nHost: gw\r\n\r\n');
    expect(parse(await readUntil(socket, () => false)).status).toBe(200);
  });

  it('has a limit on everything, and the strict parser, by default [M5, M8]', () => {
    const options = serverOptions();
    expect(options).toMatchObject({ insecureHTTPParser: false, requireHostHeader: true, joinDuplicateHeaders: false });
    for (const limit of ['headersTimeout', 'requestTimeout', 'keepAliveTimeout', 'maxHeaderSize', 'connectionsCheckingInterval'] as const) expect(options[limit]).toBeGreaterThan(0);
  });

  it('A85 request smuggling: guards TLS connections as well', async () => {
    const pair = selfSignedCertificate();
    const { upstream, gateway } = await start({ tls: pair });
    const head = 'POST /notes HTTP/1.1\r\nHost: gw\r\nTransfer-Encoding: chunked\r\n\r\n';
    const good = await openRawTls(gateway.port, pair.cert);
    good.write(`${head}5\r\nhello\r\n0\r\n\r\n`);
    expect(parse(await readUntil(good, isWhole)).status).toBe(200);
    good.destroy();
    upstream.clear();
    const bad = await openRawTls(gateway.port, pair.cert);
    bad.write(`${head}5;a=b\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: gw\r\n\r\n`);
    expect(parse(await readUntil(bad, () => false)).status).toBe(400);
    expect(upstream.received()).toBe('');
  });
});
