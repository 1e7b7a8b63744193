import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly trailers: Readonly<Record<string, string | undefined>>;
}

export interface EchoUpstream {
  readonly origin: string;
  readonly port: number;
  /** Every request whose head arrived whole, bodies read to their end. */
  readonly requests: SeenRequest[];
  /** Every octet that arrived, as latin1. */
  received(): string;
  clear(): void;
  close(): Promise<void>;
}

/** Starts an upstream that answers with what it saw, or with what `handler` says. */
export async function startUpstream(handler?: RequestListener, tls?: { key: string; cert: string }): Promise<EchoUpstream> {
  const requests: SeenRequest[] = [];
  let received = '';
  const listener: RequestListener = (request, response) => {
    if (handler !== undefined) return handler(request, response);
    void readSeen(request).then((seen) => {
      requests.push(seen);
      const body = JSON.stringify(seen);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    // Watching the octets and not the requests: half a head is a leak too.
    if (handler === undefined && tls === undefined) socket.prependListener('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${tls === undefined ? 'http' : 'https'}://${tls === undefined ? '127.0.0.1' : 'localhost'}:${port}`,
    port,
    requests,
    received: () => received,
    clear: () => {
      requests.length = 0;
      received = '';
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readSeen(request: IncomingMessage): Promise<SeenRequest> {
  let body = '';
  request.setEncoding('latin1');
  try {
    for await (const chunk of request) body += String(chunk);
  } catch {
    body += '[aborted]';
  }
  return { method: request.method ?? '', url: request.url ?? '', rawHeaders: request.rawHeaders, body, trailers: request.trailers };
}

/** All values of a header in a raw list. */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name.toLowerCase()) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}
