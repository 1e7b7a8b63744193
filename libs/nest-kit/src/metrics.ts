import type { RequestMetrics } from './request-metrics.ts';

/** Something that is counted. */
export interface Counter<Label extends string> {
  /**
   * @param labels values of a bounded set that the code knows, such as a kind or a route id of the configuration; never what a client sent
   * @param by default 1
   */
  increment(labels: Readonly<Record<Label, string>>, by?: number): void;
}

/** Where a feature has its own things counted. Costs nothing when metrics are off. */
export interface Metrics {
  /**
   * Registers a counter.
   * @param name Prometheus style: snake_case, unit, `_total`; once per service
   * @param help one sentence
   * @throws Error for a name that is taken or malformed
   */
  counter<Label extends string>(name: string, help: string, labels: readonly Label[]): Counter<Label>;
}

/** The metrics of one service; several services in a process have nothing in common. */
export interface ServiceMetrics extends Metrics {
  /** What is measured of each request; undefined when metrics are off. */
  readonly requests: RequestMetrics | undefined;
  /** Opens the port. Resolves to the URL of the metrics, undefined when metrics are off. */
  listen(): Promise<string | undefined>;
  /** Closes the port and ends the measuring; harmless when repeated. */
  close(): Promise<void>;
}

/** Metrics that are off. */
export const NO_METRICS: ServiceMetrics = {
  requests: undefined,
  counter: () => ({ increment: () => undefined }),
  listen: async () => undefined,
  close: async () => undefined,
};
