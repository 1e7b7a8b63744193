import { createMetrics, createNestApplication, nestService, Readiness, withMetrics, type Logger, type Service } from '@uma-federation/nest-kit';
import { createAsRoParts, type AsRoParts } from './as-ro-parts.ts';
import { asRoModule } from './as-ro.module.ts';
import type { AsRoConfiguration } from './configuration.ts';
import { uma1JsonMediaTypes } from './uma-1/uma-1-facade.ts';

/**
 * Builds AS-RO, the resource owner's authorization server. Opens no socket before `listen`.
 * @param configuration validated by `asRoConfiguration`
 * @param overrides replaces adapters
 * @throws ConfigurationError when the configuration contradicts itself
 */
export async function createAsRo(configuration: AsRoConfiguration, { logger }: { readonly logger: Logger }, overrides: Partial<AsRoParts> = {}): Promise<Service> {
  const parts = await createAsRoParts(configuration, logger, overrides);
  const readiness = new Readiness();
  for (const check of parts.stores.readiness) readiness.add(check);
  const { server, metrics: metricsSettings } = configuration;
  const metrics = createMetrics(metricsSettings, { service: 'as-ro', readiness });
  const application = await createNestApplication(asRoModule(configuration, parts, { logger, metrics }), {
    logger,
    readiness,
    metrics,
    requestTimeoutMs: server.requestTimeout,
    bodyLimitBytes: server.bodyLimit,
    trustedProxies: server.trustedProxies,
    jsonMediaTypes: uma1JsonMediaTypes(configuration),
  });
  if (parts.bus !== undefined) application.connectMicroservice({ strategy: parts.bus });
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
      await application.startAllMicroservices();
      // The key file may have changed while this replica was away; whoever hears this looks.
      void parts.events?.publish({ type: 'keys-rotated', issuer: parts.issuer });
      return service.listen();
    },
    stop: () => service.stop(),
  };
  return withMetrics(started, metrics);
}
