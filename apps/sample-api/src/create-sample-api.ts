import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { readConfig } from './config.ts';
import type { SampleApiConfig } from './config.ts';
import { Notebook } from './notebook.ts';
import { addRoutes } from './routes.ts';

/** The protected API of the demo. */
export interface SampleApi {
  /** Where it listens, or will listen. With port 0 the real port is known after `listen`. */
  readonly url: string;
  /** @throws Error when the address is taken */
  listen(): Promise<void>;
  /** Closes the socket and every connection. May be called twice. */
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024;

/**
 * Makes the notes API. It trusts whoever reaches it: authorization is the gateway's work, so only the gateway may reach it.
 * @throws Error when the configuration is wrong
 */
export function createSampleApi(input: SampleApiConfig): SampleApi {
  const { host, port, notes } = readConfig(input);
  const app = fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true });
  addRoutes(app, new Notebook(notes));
  return {
    get url() {
      const address = app.server.address() as AddressInfo | null;
      return `http://${host.includes(':') ? `[${host}]` : host}:${address?.port ?? port}`;
    },
    listen: async () => {
      await app.listen({ host, port });
    },
    close: async () => {
      await app.close();
    },
  };
}
