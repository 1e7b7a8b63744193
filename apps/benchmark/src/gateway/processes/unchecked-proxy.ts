import { canonicalTarget, createForwarder, createHardenedServer, inspectRawHeaders } from '@uma-federation/reverse-proxy';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { answerParent } from './answer-parent.ts';

const TOKEN_LIFETIME_MS = 600_000;
/** What the gateway tells the upstream; here of somebody who was not asked. */
const IDENTITY = { 'X-RqP-Email': 'bob@globex.example', 'X-UMA-Client-Id': 'client-1', 'X-UMA-Resource-Id': 'res_1', 'X-UMA-Scopes': 'view', 'X-UMA-Owner': 'alice@acme.example' };

// The gateway's proxy with all its rules, which sends on what the gateway would, and neither looks at the token nor for a route.
answerParent(async ({ upstreamPort, publicHost }: { upstreamPort: number; publicHost: string }) => {
  const forwarder = createForwarder({ upstreams: { api: { origin: `http://127.0.0.1:${upstreamPort}` } } });
  const server = createHardenedServer((request, response) => {
    const headers = inspectRawHeaders(request.rawHeaders, { httpVersion: request.httpVersion, method: request.method ?? '' });
    const target = canonicalTarget(request.url ?? '');
    const forwarded = { clientAddress: request.socket.remoteAddress, scheme: 'https', host: publicHost } as const;
    // In whole seconds, as `exp` is.
    const deadlineEpochMs = Math.floor((Date.now() + TOKEN_LIFETIME_MS) / 1000) * 1000;
    void forwarder.forward(request, response, { upstream: 'api', target, headers, authorized: true, identity: IDENTITY, forwarded, deadlineEpochMs });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port };
});
