import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool } from 'undici';
import { answerParent } from './answer-parent.ts';

/** The least that proxies with `node:http` and undici: no rule, no limit, no check. */
function proxyTo(upstreamPort: number): (request: IncomingMessage, response: ServerResponse) => void {
  const pool = new Pool(`http://127.0.0.1:${upstreamPort}`, { connections: 128, pipelining: 1 });
  return (request, response) =>
    void pool.dispatch(
      { path: request.url ?? '/', method: 'GET', headers: endToEnd(request.rawHeaders) },
      {
        onRequestStart: () => undefined,
        onResponseStart: (controller, status) => void response.writeHead(status, (controller.rawHeaders as Buffer[]).map((part) => part.toString('latin1'))),
        onResponseData: (_controller, chunk) => void response.write(chunk),
        onResponseEnd: () => void response.end(),
        onResponseError: () => response.destroy(),
      },
    );
}

function endToEnd(rawHeaders: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name !== 'Host' && name !== 'Connection') kept.push(name, rawHeaders[index + 1] ?? '');
  }
  return kept;
}

answerParent(async ({ upstreamPort }: { upstreamPort: number }) => {
  const server = createServer(proxyTo(upstreamPort)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port };
});
