import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseForm } from '@uma-federation/uma-core';

/** A request as a fake server saw it. */
export interface SeenRequest {
  readonly method: string;
  /** With query. */
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The only value of each form parameter. */
  readonly form: Readonly<Record<string, string>>;
}

/** What it answers; objects are sent as JSON. An array of header values becomes several header lines. */
export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Readonly<Record<string, unknown>>;
}

/** An HTTP server on loopback that records what it gets. */
export class FakeServer {
  readonly seen: SeenRequest[] = [];
  answer: (request: SeenRequest) => FakeAnswer | Promise<FakeAnswer> = () => ({ status: 404 });
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeServer> {
    const server = createServer();
    const fake = new FakeServer(server);
    server.on('request', (request, response) => {
      void readSeen(request).then(async (seen) => {
        fake.seen.push(seen);
        const { status, headers, body } = await fake.answer(seen);
        const isJson = typeof body === 'object';
        response.writeHead(status, { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers });
        response.end(isJson ? JSON.stringify(body) : body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests other than those for metadata. */
  get requests(): SeenRequest[] {
    return this.seen.filter(({ target }) => !target.startsWith('/.well-known/'));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function readSeen(request: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded';
  const parameters = parseForm(isForm ? body : '');
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    headers: request.headers,
    body,
    form: Object.fromEntries(parameters.names().map((name) => [name, parameters.required(name)])),
  };
}
