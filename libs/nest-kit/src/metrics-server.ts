import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is served. */
export interface MetricsText {
  readonly contentType: string;
  /** Must end by itself in bounded time. */
  render(): Promise<string>;
}

const REQUEST_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 60_000;
const CHECKING_INTERVAL_MS = 1_000;
const MAX_CONNECTIONS = 32;
const MAX_HEADER_BYTES = 4 * 1024;

/** A server, not yet listening, that answers `GET /metrics` and nothing else. It reads no body. */
export function createMetricsServer(text: MetricsText): Server {
  const server = createServer(
    {
      ...{ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: CHECKING_INTERVAL_MS },
      ...{ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: IDLE_TIMEOUT_MS },
    },
    (request, response) => answer(request, response, text),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(IDLE_TIMEOUT_MS);
  return server;
}

/**
 * Listens.
 * @returns the URL of the metrics
 * @throws Error when the address cannot be had
 */
export async function listenForMetrics(server: Server, address: { readonly host: string; readonly port: number }): Promise<string> {
  server.listen(address);
  await once(server, 'listening');
  const { family, address: host, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}/metrics`;
}

function answer(request: IncomingMessage, response: ServerResponse, text: MetricsText): void {
  request.resume();
  if (request.url?.split('?', 1)[0] !== '/metrics') return void response.writeHead(404).end();
  if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end();
  text.render().then(
    (body) => response.writeHead(200, { 'content-type': text.contentType, 'cache-control': 'no-store' }).end(body),
    () => response.writeHead(500).end(),
  );
}
