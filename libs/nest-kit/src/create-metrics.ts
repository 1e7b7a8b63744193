import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import { Counter as PrometheusCounter, Gauge, Registry } from 'prom-client';
import { BoundedLabel } from './bounded-label.ts';
import { createMetricsServer, listenForMetrics } from './metrics-server.ts';
import { NO_METRICS, type Counter, type ServiceMetrics } from './metrics.ts';
import { registerProcessMetrics } from './process-metrics.ts';
import type { Readiness } from './readiness.ts';
import { RequestMetrics } from './request-metrics.ts';
import type { MetricsConfiguration } from './service-configuration.ts';

/** Of all packages here: they are released together. */
const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** Whose metrics. */
export interface MetricsOptions {
  /** Name of the service, for `build_info`. */
  readonly service: string;
  /** Its checks run at each scrape, each with its own deadline. */
  readonly readiness: Readiness;
}

/**
 * Makes the metrics of one service. Opens no socket before `listen`.
 * @param configuration the field `metrics`; undefined turns metrics off
 */
export function createMetrics(configuration: MetricsConfiguration | undefined, options: MetricsOptions): ServiceMetrics {
  return configuration === undefined ? NO_METRICS : new PrometheusMetrics(configuration, options);
}

class PrometheusMetrics implements ServiceMetrics {
  readonly requests: RequestMetrics;
  readonly #registry = new Registry();
  readonly #configuration: MetricsConfiguration;
  readonly #readiness: Readiness;
  readonly #ready: Gauge;
  readonly #checks: Gauge<'check'>;
  readonly #server: Server;
  #endProcessMetrics: () => void = () => undefined;
  #rendering: Promise<string> | undefined;

  constructor(configuration: MetricsConfiguration, { service, readiness }: MetricsOptions) {
    const registers = [this.#registry];
    this.#configuration = configuration;
    this.#readiness = readiness;
    this.requests = new RequestMetrics(this.#registry);
    this.#ready = new Gauge({ name: 'ready', help: '1 when the service can take requests, as /health/ready says.', registers });
    this.#checks = new Gauge({ name: 'ready_check', help: '1 when the thing that the service needs is there.', labelNames: ['check'], registers });
    new Gauge({ name: 'build_info', help: 'Always 1.', labelNames: ['service', 'version', 'node'], registers }).set({ service, version, node: process.versions.node }, 1);
    this.#server = createMetricsServer({ contentType: this.#registry.contentType, render: () => this.#render() });
  }

  counter<Label extends string>(name: string, help: string, labels: readonly Label[]): Counter<Label> {
    const counter = new PrometheusCounter<Label>({ name, help, labelNames: labels, registers: [this.#registry] });
    const bounds = labels.map((label) => [label, new BoundedLabel()] as const);
    return {
      increment: (values, by = 1) => counter.inc(Object.fromEntries(bounds.map(([label, bound]) => [label, bound.of(values[label])])) as Record<Label, string>, by),
    };
  }

  async listen(): Promise<string> {
    const url = await listenForMetrics(this.#server, this.#configuration);
    this.#endProcessMetrics = registerProcessMetrics(this.#registry);
    return url;
  }

  async close(): Promise<void> {
    this.#endProcessMetrics();
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** However many ask at a time, the checks run once. */
  #render(): Promise<string> {
    this.#rendering ??= this.#collect().finally(() => (this.#rendering = undefined));
    return this.#rendering;
  }

  async #collect(): Promise<string> {
    const { ready, checks } = await this.#readiness.report();
    this.#ready.set(Number(ready));
    for (const [check, state] of Object.entries(checks)) this.#checks.set({ check }, Number(state === 'up'));
    return await this.#registry.metrics();
  }
}
