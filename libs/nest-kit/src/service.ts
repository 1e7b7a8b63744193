import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { setTimeout as delay } from 'node:timers/promises';
import type { Readiness } from './readiness.ts';

/** A service that can be started and stopped; several may live in one process. */
export interface Service {
  /** Opens the socket. Resolves to the URL it listens at. */
  listen(): Promise<string>;
  /** Drains and closes everything; harmless when repeated. */
  stop(): Promise<void>;
}

/** How a Nest application listens and stops. */
export interface NestServiceOptions {
  readonly application: NestFastifyApplication;
  readonly readiness: Readiness;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Not ready, but still serving, for this long, so that balancers notice. */
  readonly drainDelayMs: number;
  /** Requests in flight get this long; then their connections are cut. */
  readonly closeTimeoutMs: number;
}

/**
 * Makes a service of an application. Stopping: not ready → wait → no new connections → requests in flight finish → Nest's shutdown hooks.
 * Providers must close stores in `onApplicationShutdown`: the earlier Nest hooks run while requests are still in flight.
 */
export function nestService(options: NestServiceOptions): Service {
  const { application, readiness } = options;
  let stopping: Promise<void> | undefined;
  return {
    async listen() {
      await application.listen({ host: options.host, port: options.port });
      return await application.getUrl();
    },
    stop() {
      readiness.drain();
      stopping ??= drainAndClose(options);
      return stopping;
    },
  };
}

async function drainAndClose(options: NestServiceOptions): Promise<void> {
  const { application } = options;
  if (application.getHttpServer().listening) await delay(options.drainDelayMs);
  const cut = setTimeout(() => application.getHttpServer().closeAllConnections(), options.closeTimeoutMs);
  try {
    await application.close();
  } finally {
    clearTimeout(cut);
  }
}
