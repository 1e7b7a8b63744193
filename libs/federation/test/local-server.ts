import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ServerCertificate } from './throw-away-certificates.ts';

/** A server on loopback that counts who came. */
export interface LocalServer {
  readonly port: number;
  /** The loopback addresses that TCP connections came to, in order. */
  readonly connectedTo: readonly string[];
  readonly close: () => Promise<void>;
}

/** Starts a server on all loopback addresses; https when it has a certificate. @param tls what it does otherwise */
export async function startLocalServer(listener: RequestListener, certificate?: ServerCertificate, tls: ServerOptions = {}): Promise<LocalServer> {
  const connectedTo: string[] = [];
  const server: Server = certificate === undefined ? createHttpServer(listener) : createHttpsServer({ ...certificate, ...tls }, listener);
  server.on('connection', (socket) => connectedTo.push(socket.localAddress ?? ''));
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port: (server.address() as AddressInfo).port, connectedTo, close };
}
