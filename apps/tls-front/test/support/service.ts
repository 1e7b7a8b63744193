import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** One replica of a service. */
export interface Replica {
  readonly server: Server;
  readonly port: number;
  /** Requests that reached it, but for the questions whether it is ready. */
  readonly requests: IncomingMessage[];
  /** Status of the answer to `/health/ready`; undefined for none. */
  readiness: number | undefined;
  stop(): Promise<void>;
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Starts a replica. @param port 0 takes a free one */
export async function startReplica(host: string, port: number, answer: Answer): Promise<Replica> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/health/ready') {
      if (replica.readiness !== undefined) response.writeHead(replica.readiness).end();
      return;
    }
    requests.push(request);
    answer(request, response);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const replica: Replica = {
    server,
    port: (server.address() as AddressInfo).port,
    requests,
    readiness: 200,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return replica;
}
