import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Readiness, ServerConfiguration, Service } from '@uma-federation/nest-kit';
import { createHardenedServer } from '@uma-federation/reverse-proxy';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** What the service runs. */
export interface GatewayServiceOptions {
  /** Initialised, not listening: it gets its requests from the hardened server, which Fastify cannot be made with from outside. */
  readonly application: NestFastifyApplication;
  readonly readiness: Readiness;
  readonly server: ServerConfiguration;
  /** Called when the server listens. */
  readonly onListening: () => void;
  /** Called when the last request is finished. */
  readonly onStopped: () => Promise<void>;
}

/**
 * Serves an application on a server that refuses what Node's parser lets through (A85) and withholds `100 Continue` until a request is
 * authorized (A89). Stopping: not ready → wait → no new connections → requests in flight finish → connections close.
 */
export function gatewayService(options: GatewayServiceOptions): Service {
  const { application, readiness } = options;
  const fastify: FastifyInstance = application.getHttpAdapter().getInstance();
  const server = createHardenedServer((request, response) => fastify.routing(request, response), { requestTimeoutMs: options.server.requestTimeout });
  let stopping: Promise<void> | undefined;
  return {
    async listen() {
      const url = await listenOn(server, options.server);
      options.onListening();
      return url;
    },
    stop() {
      readiness.drain();
      stopping ??= drainAndClose(server, options);
      return stopping;
    },
  };
}

async function listenOn(server: Server, { host, port }: ServerConfiguration): Promise<string> {
  server.listen({ host, port });
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}

async function drainAndClose(server: Server, options: GatewayServiceOptions): Promise<void> {
  if (server.listening) await closeServer(server, options.server);
  await options.application.close();
  await options.onStopped();
}

async function closeServer(server: Server, { drainDelay, closeTimeout }: ServerConfiguration): Promise<void> {
  await delay(drainDelay);
  const cut = setTimeout(() => server.closeAllConnections(), closeTimeout);
  try {
    await new Promise((resolve) => server.close(resolve));
  } finally {
    clearTimeout(cut);
  }
}
