import type { BusClientLimits } from './bus-client.ts';
import { InProcessClient } from './in-process-client.ts';
import { InProcessEvents } from './in-process-events.ts';
import { InProcessQueue } from './in-process-queue.ts';
import { InProcessServer } from './in-process-server.ts';

/**
 * The bus for services that live in one process (`npm start`, tests): the interface and the limits of the Redis bus, without Redis.
 * Nothing survives the process, so a request that was taken is never taken over.
 */
export class InProcessBus {
  /** Publisher and subscriber in one. */
  readonly events = new InProcessEvents();
  readonly #queues = new Map<string, InProcessQueue>();

  /** A replica of a service; several share the requests out. */
  server(service: string, options: { readonly maxConcurrent?: number; readonly drainTimeoutMs?: number } = {}): InProcessServer {
    const { maxConcurrent = 64, drainTimeoutMs = 5000 } = options;
    return new InProcessServer(this.#queue(service), { maxConcurrent, drainTimeoutMs });
  }

  /** Asks a service. Requests wait for a replica as long as their deadlines allow. */
  client(service: string, limits: BusClientLimits = {}): InProcessClient {
    return new InProcessClient(this.#queue(service), limits);
  }

  #queue(service: string): InProcessQueue {
    const queue = this.#queues.get(service) ?? new InProcessQueue();
    this.#queues.set(service, queue);
    return queue;
  }
}
