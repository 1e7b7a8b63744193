import { canonicalTarget, createForwarder, createHardenedServer, inspectRawHeaders } from '@uma-federation/reverse-proxy';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { answerParent } from './answer-parent.ts';

// The gateway's proxy with everything that makes it safe to stand in front of somebody, and without asking who is there.
answerParent(async ({ upstreamPort, publicHost }: { upstreamPort: number; publicHost: string }) => {
  const forwarder = createForwarder({ upstreams: { api: { origin: `http://127.0.0.1:${upstreamPort}` } } });
  const server = createHardenedServer((request, response) => {
    const headers = inspectRawHeaders(request.rawHeaders, { httpVersion: request.httpVersion, method: request.method ?? '' });
    const target = canonicalTarget(request.url ?? '');
    const forwarded = { clientAddress: request.socket.remoteAddress, scheme: 'https', host: publicHost } as const;
    void forwarder.forward(request, response, { upstream: 'api', target, headers, authorized: true, identity: {}, forwarded });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port };
});
