import type { ServiceMetrics } from './metrics.ts';
import type { Service } from './service.ts';

/**
 * Makes a service open and close its metrics port. It is open first, so that a slow start can be watched, and closes last, after the drain.
 * @param service any service
 * @param metrics made by `createMetrics`
 */
export function withMetrics(service: Service, metrics: ServiceMetrics): Service {
  let stopping: Promise<void> | undefined;
  return {
    async listen() {
      await metrics.listen();
      return await service.listen();
    },
    stop() {
      stopping ??= service.stop().finally(() => metrics.close());
      return stopping;
    },
  };
}
