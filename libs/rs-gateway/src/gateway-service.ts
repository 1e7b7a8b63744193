import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger, Readiness, ServerConfiguration, Service } from '@uma-federation/nest-kit';
import { createHardenedServer, type Forwarder } from '@uma-federation/reverse-proxy';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { AdmittedRequests } from './admitted-requests.ts';
import { GatewayEntrance, type RequestMeter } from './gateway-entrance.ts';
import type { Gateway } from './gateway.ts';
import { FORWARDER, GATEWAY, LOGGER } from './injection-tokens.ts';

/** What the service runs. */
export interface GatewayServiceOptions {
  /** Initialised, not listening: it gets its requests from the hardened server, which Fastify cannot be made with from outside. */
  readonly application: NestFastifyApplication;
  readonly readiness: Readiness;
  readonly server: ServerConfiguration;
  /** Where requests are measured that are forwarded without Nest. */
  readonly requests?: RequestMeter | undefined;
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
  const { readiness } = options;
  const entrance = entranceOf(options);
  const server = createHardenedServer((request, response) => entrance.serve(request, response), { requestTimeoutMs: options.server.requestTimeout });
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

function entranceOf({ application, readiness, requests }: GatewayServiceOptions): GatewayEntrance {
  const fastify: FastifyInstance = application.getHttpAdapter().getInstance();
  const admitted = new AdmittedRequests({ forwarder: application.get<Forwarder>(FORWARDER), logger: application.get<Logger>(LOGGER) });
  return new GatewayEntrance({
    gateway: application.get<Gateway>(GATEWAY),
    admitted,
    readiness,
    requests,
    application: (request, response) => fastify.routing(request, response),
  });
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
