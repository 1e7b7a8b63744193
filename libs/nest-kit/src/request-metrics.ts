import { STATUS_CODES } from 'node:http';
import { Counter, Gauge, type Registry } from 'prom-client';
import { BoundedLabel } from './bounded-label.ts';
import { DurationHistogram, type Durations } from './duration-histogram.ts';

/** A request that has ended. */
export interface FinishedRequest {
  readonly method: string;
  /** The router's template, or `none`. */
  readonly route: string;
  /** `aborted`: the connection ended before the answer was complete. */
  readonly status: number | 'aborted';
  readonly seconds: number;
}

const UNKNOWN_STATUS = 0;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const BOUNDS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Measures requests. No label has a value of the client's choice: methods and status codes are the known ones, routes are templates. */
export class RequestMetrics {
  readonly #durations: DurationHistogram;
  readonly #refusals: Counter<'reason' | 'error'>;
  readonly #reasons = new BoundedLabel();
  readonly #errors = new BoundedLabel();
  /** By route, method and status: the same few, thousands of times a second. */
  readonly #series = new Map<string, Map<string, Map<FinishedRequest['status'], Durations>>>();
  #active = 0;

  constructor(registry: Registry) {
    const active = (): number => this.#active;
    const registers = [registry];
    this.#durations = new DurationHistogram({
      ...{ name: 'http_server_request_duration_seconds', help: 'Time from the head of a request to the end of its answer.' },
      ...{ boundsSeconds: BOUNDS_SECONDS, registry },
    });
    this.#refusals = new Counter({ name: 'http_server_refusals_total', help: 'Requests refused, by the reason that the log names.', labelNames: ['reason', 'error'], registers });
    new Gauge({
      ...{ name: 'http_server_active_requests', help: 'Requests in flight.', registers },
      collect() {
        this.set(active());
      },
    });
  }

  /** A request has begun; `finished` follows, once. */
  started(): void {
    this.#active += 1;
  }

  finished(request: FinishedRequest): void {
    this.#active -= 1;
    this.#seriesOf(request).observe(request.seconds);
  }

  /** @param reason of a ProtocolError @param error its error code */
  refused(reason: string, error: string): void {
    this.#refusals.inc({ reason: this.#reasons.of(reason), error: this.#errors.of(error) });
  }

  #seriesOf({ method, route, status }: FinishedRequest): Durations {
    const byMethod = entry(this.#series, route, () => new Map<string, Map<FinishedRequest['status'], Durations>>());
    const known = METHODS.has(method) ? method : 'other';
    const byStatus = entry(byMethod, known, () => new Map<FinishedRequest['status'], Durations>());
    const code = typeof status === 'string' || status in STATUS_CODES ? status : UNKNOWN_STATUS;
    return entry(byStatus, code, () => this.#durations.series({ method: known, route, status: code === UNKNOWN_STATUS ? 'other' : String(code) }));
  }
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
