import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startUpstream, type EchoUpstream, type SeenRequest } from './support/echo-upstream.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { rawResponse, rawUntilClose } from './support/raw-client.ts';

interface Corpus {
  readonly refused: readonly { readonly target: string; readonly reason: string }[];
  readonly forwarded: readonly { readonly target: string; readonly canonical: string }[];
}
const corpus = JSON.parse(readFileSync(new URL('corpus/targets.json', import.meta.url), 'utf8')) as Corpus;

let upstream: EchoUpstream;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway(upstream);
});
beforeEach(() => {
  upstream.clear();
  gateway.decided.length = 0;
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: gw\r\n\r\n`;

/** One upstream connection serves all requests in order, so whatever leaked before this one has arrived with it. */
async function expectOnlyTheProbeUpstream(): Promise<void> {
  await rawResponse(gateway.port, get('/probe'));
  expect(upstream.requests.map((request) => request.url)).toEqual(['/probe']);
  expect(upstream.received()).toMatch(/^GET \/probe HTTP\/1\.1\r\n/);
}

describe('A79 path normalisation bypass', () => {
  it.each(corpus.refused)('answers $target with 400, closes, and lets nothing through', async ({ target }) => {
    const response = await rawUntilClose(gateway.port, get(target));
    expect(response.status).toBe(400);
    await expectOnlyTheProbeUpstream();
    expect(gateway.decided).toEqual(['/probe']);
  });

  it.each(corpus.forwarded)('decides on and forwards $target as $canonical, byte for byte', async ({ target, canonical }) => {
    const response = await rawResponse(gateway.port, get(target));
    expect((JSON.parse(response.body) as SeenRequest).url).toBe(canonical);
    expect(gateway.decided).toEqual([canonical.split('?')[0]]);
    expect(upstream.received()).toContain(`GET ${canonical} HTTP/1.1\r\n`);
  });
});

describe('A91 open proxy', () => {
  it('never lets the request choose the upstream: absolute-form and authority-form are refused', async () => {
    const other = await startUpstream();
    for (const target of [`http://127.0.0.1:${other.port}/x`, `127.0.0.1:${other.port}`, `//127.0.0.1:${other.port}/x`, `/\\127.0.0.1:${other.port}`, `@127.0.0.1:${other.port}/x`]) {
      expect((await rawUntilClose(gateway.port, get(target))).status).toBe(400);
    }
    await expectOnlyTheProbeUpstream();
    expect(other.received()).toBe('');
    await other.close();
  });

  it('ignores Host and all forwarding fields when it connects, and tells the upstream its own Host', async () => {
    const other = await startUpstream();
    const evil = `127.0.0.1:${other.port}`;
    const response = await rawResponse(gateway.port, `GET /x HTTP/1.1\r\nHost: ${evil}\r\nX-Forwarded-Host: ${evil}\r\nForwarded: host=${evil}\r\nX-Host: ${evil}\r\nX-Original-URL: http://${evil}/\r\n\r\n`);
    expect(response.status).toBe(200);
    expect(upstream.received()).toContain(`host: 127.0.0.1:${upstream.port}\r\n`);
    expect(upstream.received()).not.toContain(String(other.port));
    expect(other.received()).toBe('');
    await other.close();
  });
});
