import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { deferContinue } from './expect-continue.ts';
import { FrameGuard } from './frame-guard.ts';
import { methodPolicy } from './method-policy.ts';
import { RequestTurns } from './request-turns.ts';
import { serverOptions, type ServerLimits } from './server-options.ts';

type Response = ServerResponse & { req: IncomingMessage };

/**
 * Makes a server, not yet listening, that refuses what Node's parser lets through and withholds what Node does by
 * itself: chunk extensions end in 400 [A85], pipelined requests wait for their turn [A85], `100 Continue` waits for
 * `sendContinue` [A89], CONNECT gets 405 [A82].
 * Fit for Fastify's `serverFactory`. There is deliberately no `upgrade` listener: without one Node hands a request with
 * `Upgrade` on as plain HTTP.
 *
 * @param handler gets every admitted request
 * @param limits see `serverOptions`
 * @param tls certificate and key; without them plain HTTP
 * @returns the server
 */
export function createHardenedServer(handler: RequestListener, limits: ServerLimits = {}, tls?: TlsOptions): Server {
  const options = serverOptions(limits);
  const server = tls === undefined ? createServer(options) : createTlsServer({ ...tls, ...options });
  const connections = new WeakMap<Socket, { readonly guard: FrameGuard; readonly turns: RequestTurns }>();
  const admit = (request: IncomingMessage, response: Response): void => {
    const connection = connections.get(request.socket);
    if (connection?.guard.admits(request, response) === true) connection.turns.take(response, () => handler(request, response));
  };

  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections.set(socket, { guard: new FrameGuard(socket), turns: new RequestTurns(socket) });
  });
  server.on('request', admit);
  server.on('checkContinue', (request: IncomingMessage, response: Response) => {
    deferContinue(request);
    admit(request, response);
  });
  server.on('connect', refuseTunnel);
  return server;
}

function refuseTunnel(_request: IncomingMessage, socket: Duplex): void {
  const verdict = methodPolicy('CONNECT');
  const allow = verdict.accepted ? '' : verdict.allow;
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 405 Method Not Allowed\r\nAllow: ${allow}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
