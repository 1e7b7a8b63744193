import type { IncomingMessage, RequestListener } from 'node:http';
import { startLocalServer, type LocalServer } from './local-server.ts';

/** A request as the upstream got it. */
export interface UpstreamRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An upstream that remembers its requests and answers 200 with `{"upstream":true}`, or as the test says. */
export class EchoUpstream {
  readonly requests: UpstreamRequest[] = [];
  /** Replaces the answer. */
  answer: RequestListener = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end('{"upstream":true}');
  };
  #server!: LocalServer;

  get origin(): string {
    return this.#server.origin;
  }

  async start(): Promise<this> {
    this.#server = await startLocalServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.requests.push({ method: request.method ?? '', target: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
        this.answer(request, response);
      });
    });
    return this;
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
