import type { Logger } from '@uma-federation/nest-kit';
import { answerPlainly, RequestRefusal, type Forwarder, type ForwardOutcome } from '@uma-federation/reverse-proxy';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Admission } from './gateway.ts';

/** Sends admitted requests to the upstream and says in the log what came of them: failures at `warn`, the rest at `debug`. */
export class AdmittedRequests {
  readonly #forwarder: Forwarder;
  readonly #logger: Logger;

  constructor({ forwarder, logger }: { readonly forwarder: Forwarder; readonly logger: Logger }) {
    this.#forwarder = forwarder;
    this.#logger = logger;
  }

  /**
   * Forwards a request. It is always answered, or its connection destroyed.
   * @param requestId names the request in the log; not called when there is nothing to log
   * @returns how it ended; undefined when it could not be forwarded. Never rejects
   */
  async forward({ options, responseHeaders, routeId }: Admission, request: IncomingMessage, response: ServerResponse, requestId: () => string): Promise<ForwardOutcome | undefined> {
    try {
      for (const name in responseHeaders) response.setHeader(name, responseHeaders[name] ?? '');
      const outcome = await this.#forwarder.forward(request, response, options);
      const failure = 'failure' in outcome ? { reason: outcome.failure.reason, err: outcome.failure.cause } : undefined;
      const level = failure === undefined ? 'debug' : 'warn';
      if (this.#logger.isLevelEnabled(level)) {
        this.#logger[level]({ requestId: requestId(), route: routeId, authorized: options.authorized, outcome: outcome.kind, ...failure }, 'forwarded');
      }
      return outcome;
    } catch (error) {
      // Nothing was sent upstream and nothing answered: an identity that no header can carry, or a fault of ours.
      const refused = error instanceof RequestRefusal;
      this.#logger.error({ requestId: requestId(), route: routeId, err: error }, 'not forwarded');
      answerPlainly(response, { status: refused ? error.status : 500, error: refused ? 'invalid_request' : 'server_error', close: true });
      return undefined;
    }
  }
}
