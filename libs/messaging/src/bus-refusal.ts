import { ProtocolError } from '@uma-federation/uma-core';

/** Why the bus gave no answer: Redis does not take requests, this process has too many under way, or the client was closed. */
export type BusRefusalReason = 'bus_unavailable' | 'bus_overloaded' | 'bus_closed' | 'bus_timeout';

/**
 * The bus has no answer, and whether a handler has run is not known. Fail closed: 503 with `Retry-After`.
 * A caller who asks again gives the same `messageId`, so that an idempotent handler recognises the request.
 */
export class BusRefusal extends ProtocolError {
  /** @param detail for the log; never the failure itself, in which Redis' client keeps the arguments of the command */
  constructor(reason: BusRefusalReason, detail?: string) {
    super({
      error: 'temporarily_unavailable',
      status: 503,
      reason,
      description: 'The service is temporarily unavailable.',
      retryAfterSeconds: 1,
      detail,
    });
    this.name = 'BusRefusal';
  }
}
