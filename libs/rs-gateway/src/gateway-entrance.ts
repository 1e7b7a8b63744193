import { requestIdOf, type Readiness } from '@uma-federation/nest-kit';
import type { ForwardOutcome } from '@uma-federation/reverse-proxy';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AdmittedRequests } from './admitted-requests.ts';
import type { Admission, Gateway } from './gateway.ts';

/** Where requests are measured that the application never sees; nest-kit's `RequestMetrics` is one. */
export interface RequestMeter {
  started(): void;
  finished(request: { readonly method: string; readonly route: string; readonly status: number | 'aborted'; readonly seconds: number }): void;
}

/** What the entrance leads to. */
export interface EntranceParts {
  readonly gateway: Pick<Gateway, 'admitAtOnce'>;
  readonly admitted: AdmittedRequests;
  /** While it drains, every answer closes its connection. */
  readonly readiness: Pick<Readiness, 'draining'>;
  /** Takes every request that is not admitted at once. */
  readonly application: RequestListener;
  readonly requests?: RequestMeter | undefined;
}

/**
 * The way in. A request that can be let through with what is in memory goes to the upstream from here; everything else is the application's:
 * to Nest and its request log a proxied request would cost as much as proxying it. Requests that pass here are measured but have no log line
 * at `info`.
 */
export class GatewayEntrance {
  readonly #parts: EntranceParts;

  constructor(parts: EntranceParts) {
    this.#parts = parts;
  }

  /** Takes a request of the server. */
  serve(request: IncomingMessage, response: ServerResponse): void {
    const admission = this.#admission(request);
    if (admission === undefined) this.#parts.application(request, response);
    else this.#forward(admission, request, response);
  }

  #admission(request: IncomingMessage): Admission | undefined {
    try {
      return this.#parts.gateway.admitAtOnce(request);
    } catch {
      // A fault of ours; the application meets it too, and answers 500 (A92).
      return undefined;
    }
  }

  #forward(admission: Admission, request: IncomingMessage, response: ServerResponse): void {
    const { admitted, readiness, requests } = this.#parts;
    if (readiness.draining) response.shouldKeepAlive = false;
    const done = admitted.forward(admission, request, response, () => requestIdOf(request));
    if (requests === undefined) return;
    const startedAt = performance.now();
    requests.started();
    void done.then((outcome) => {
      const seconds = (performance.now() - startedAt) / 1000;
      requests.finished({ method: request.method ?? '', route: admission.routeId ?? 'none', status: statusOf(outcome, response), seconds });
    });
  }
}

function statusOf(outcome: ForwardOutcome | undefined, response: ServerResponse): number | 'aborted' {
  switch (outcome?.kind) {
    case undefined:
      return response.statusCode;
    case 'completed':
      return outcome.status;
    case 'failed':
      return outcome.failure.status;
    default:
      return 'aborted';
  }
}
