import { createMetrics, createNestApplication, nestService, Readiness, withMetrics, type Logger, type Service } from '@uma-federation/nest-kit';
import { createAsRqpParts, type AsRqpParts } from './as-rqp-parts.ts';
import { asRqpModule } from './as-rqp.module.ts';
import type { AsRqpConfiguration } from './configuration.ts';

/**
 * Builds AS-RqP, the requesting party's security token service. Opens no socket before `listen`.
 * @param configuration validated by `asRqpConfiguration`
 * @param overrides replaces adapters
 * @throws ConfigurationError when the configuration contradicts itself
 */
export async function createAsRqp(configuration: AsRqpConfiguration, { logger }: { readonly logger: Logger }, overrides: Partial<AsRqpParts> = {}): Promise<Service> {
  const parts = await createAsRqpParts(configuration, overrides);
  const readiness = new Readiness();
  const { server, metrics: metricsSettings } = configuration;
  const metrics = createMetrics(metricsSettings, { service: 'as-rqp', readiness });
  const application = await createNestApplication(asRqpModule(configuration, parts), {
    logger,
    readiness,
    metrics,
    requestTimeoutMs: server.requestTimeout,
    bodyLimitBytes: server.bodyLimit,
    trustedProxies: server.trustedProxies,
  });
  const service = nestService({
    application,
    readiness,
    host: server.host,
    port: server.port,
    drainDelayMs: server.drainDelay,
    closeTimeoutMs: server.closeTimeout,
  });
  const started = {
    listen: async () => {
      await parts.volatile.open();
      return service.listen();
    },
    stop: async () => {
      await service.stop();
      await parts.close();
    },
  };
  return withMetrics(started, metrics);
}
