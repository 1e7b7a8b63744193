import type { Counter, Logger, Metrics } from '@uma-federation/nest-kit';
import { ProtocolError } from '@uma-federation/uma-core';

/** One line and one count per request on the bus, as HTTP requests have theirs. */
export class BusRequestLog {
  readonly #logger: Logger;
  readonly #requests: Counter<'operation' | 'outcome'>;

  constructor(logger: Logger, metrics: Metrics) {
    this.#logger = logger;
    this.#requests = metrics.counter('bus_requests_total', 'Requests of resource servers on the bus.', ['operation', 'outcome']);
  }

  /** Does the work of a request. @throws what the work throws */
  async record<Answer>(operation: string, work: () => Promise<Answer>): Promise<Answer> {
    const startedAt = performance.now();
    const durationMs = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
    try {
      const answer = await work();
      // Every gateway reads the feed every other second; that it does is in the metrics.
      this.#logger[operation === 'revocation.read' ? 'debug' : 'info']({ operation, durationMs: durationMs() }, 'bus request');
      this.#requests.increment({ operation, outcome: 'done' });
      return answer;
    } catch (error) {
      const { reason, detail } = error instanceof ProtocolError ? error : { reason: 'fault', detail: undefined };
      const refused = error instanceof ProtocolError && error.status < 500;
      this.#logger[refused ? 'warn' : 'error']({ operation, reason, detail, durationMs: durationMs() }, 'bus request refused');
      this.#requests.increment({ operation, outcome: refused ? 'refused' : 'failed' });
      throw error;
    }
  }
}
