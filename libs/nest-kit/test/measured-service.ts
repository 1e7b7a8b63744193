import { createLogger } from '../src/logger.ts';
import { createMetrics } from '../src/create-metrics.ts';
import type { ServiceMetrics } from '../src/metrics.ts';
import { createNestApplication } from '../src/create-nest-application.ts';
import { Readiness } from '../src/readiness.ts';
import { nestService } from '../src/service.ts';
import type { MetricsConfiguration } from '../src/service-configuration.ts';
import { withMetrics } from '../src/with-metrics.ts';
import { EchoModule } from './test-application.ts';

export interface MeasuredService {
  readonly metrics: ServiceMetrics;
  readonly readiness: Readiness;
  readonly url: string;
  readonly metricsUrl: string;
  /** Values of series by name and labels as they are written, for example `ready` or `x_total{a="b"}`. */
  readonly scrape: () => Promise<ReadonlyMap<string, number>>;
  /** What is served, whole. */
  readonly text: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** A service with the routes of the test application that listens on free ports, or on the one that is given for its metrics. */
export async function startMeasuredService(configuration: MetricsConfiguration | 'off' = { host: '127.0.0.1', port: 0 }): Promise<MeasuredService> {
  const readiness = new Readiness();
  const metrics = createMetrics(configuration === 'off' ? undefined : configuration, { service: 'test', readiness });
  let metricsUrl = '';
  const told: ServiceMetrics = {
    requests: metrics.requests,
    counter: (...parameters) => metrics.counter(...parameters),
    listen: async () => (metricsUrl = (await metrics.listen()) ?? ''),
    close: () => metrics.close(),
  };
  const logger = createLogger({ name: 'test', level: 'silent' });
  const application = await createNestApplication(EchoModule, { logger, readiness, requestTimeoutMs: 30_000, metrics });
  const service = withMetrics(nestService({ application, readiness, host: '127.0.0.1', port: 0, drainDelayMs: 0, closeTimeoutMs: 1_000 }), told);
  const url = await service.listen();
  const text = async (): Promise<string> => (await fetch(metricsUrl)).text();
  return { metrics, readiness, url, metricsUrl, text, scrape: async () => series(await text()), stop: () => service.stop() };
}

function series(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}
