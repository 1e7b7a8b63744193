import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { equalInConstantTime } from '@uma-federation/uma-core';

const PAGE_HEADERS = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };

/** Waits on loopback for the redirect back from the identity provider (RFC 8252 7.3). */
export class LoopbackReceiver {
  /** The redirect URI to send along, with the port that is really listened on. */
  readonly redirectUri: string;
  readonly #server: Server;

  private constructor(server: Server, redirectUri: string) {
    this.#server = server;
    this.redirectUri = redirectUri;
  }

  /**
   * Listens on the port of a registered redirect URI; without a port, or when it is taken, on any free one.
   * @param registered an http URI on loopback
   * @throws Error of node:net when nothing can be listened on
   */
  static async start(registered: string): Promise<LoopbackReceiver> {
    const url = new URL(registered);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const server = createServer();
    await listen(server, host, Number(url.port)).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
      await listen(server, host, 0);
    });
    url.port = String((server.address() as AddressInfo).port);
    return new LoopbackReceiver(server, url.href);
  }

  /**
   * Resolves to the complete URL of the first redirect that carries the state. Others are answered with 400 and change nothing:
   * any web page can make the browser call this port (A60).
   * @param timeoutMs milliseconds to wait
   * @returns undefined when the time is up
   */
  async receive(state: string, timeoutMs: number): Promise<URL | undefined> {
    const { pathname } = new URL(this.redirectUri);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), timeoutMs);
      this.#server.on('request', (request, response) => {
        const url = new URL(request.url ?? '/', this.redirectUri);
        if (url.pathname !== pathname || request.method !== 'GET') return answer(response, 404, 'There is nothing here.');
        const states = url.searchParams.getAll('state');
        if (states.length !== 1 || !equalInConstantTime(states[0] ?? '', state)) return answer(response, 400, 'This sign-in was not started here.');
        clearTimeout(timer);
        answer(response, 200, 'You can close this window and return to the terminal.');
        resolve(url);
      });
    });
  }

  /** Closes the port. */
  stop(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...PAGE_HEADERS, connection: 'close' });
  response.end(`${text}\n`);
}
