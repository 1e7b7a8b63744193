import { createLogger, createMetrics, createNestApplication, Readiness, withMetrics, type Logger, type Service } from '@uma-federation/nest-kit';
import type { RsGatewayConfiguration } from './configuration.ts';
import { createGatewayParts, createGatewayPorts, type GatewayPorts } from './gateway-parts.ts';
import { gatewayService } from './gateway-service.ts';
import { rsGatewayModule } from './rs-gateway.module.ts';

/** A gateway; several may live in one process. */
export interface RsGateway extends Service {
  /** The configured public URL. */
  readonly url: string;
  /** Resolves when AS-RO's keys and revocations are known and all resources of the route table are registered. */
  ready(): Promise<void>;
  /** The same as `stop`. */
  close(): Promise<void>;
}

/** What may be replaced: the adapters, for tests and for a whole domain in one process, and the logger. */
export type RsGatewayOverrides = Partial<GatewayPorts> & { readonly logger?: Logger | undefined };

const READINESS_DEADLINE_MS = 1_000;

/**
 * Builds the gateway of a resource server (UMA Grant 3, Federated Authorization). Opens no socket before `listen`. From then on it registers
 * its resources at AS-RO in the background; until that is done `/health/ready` answers 503, and no protected request passes.
 * @param configuration validated by `rsGatewayConfiguration`
 */
export async function createRsGateway(configuration: RsGatewayConfiguration, overrides: RsGatewayOverrides = {}): Promise<RsGateway> {
  const { logger = createLogger({ name: 'rs-gateway', level: configuration.logging.level }), ...ports } = overrides;
  const parts = createGatewayParts(configuration, createGatewayPorts(configuration, ports), logger);
  const { upkeep } = parts;
  const readiness = new Readiness();
  for (const [name, task] of Object.entries(upkeep)) {
    // Done once is enough: AS-RO being away later does not keep verified tokens from the upstream.
    const check = (): Promise<void> => (task.hasSucceeded ? Promise.resolve() : Promise.reject(new Error(`${name}: not done yet`)));
    readiness.add({ name, deadlineMs: READINESS_DEADLINE_MS, check });
  }
  const metrics = createMetrics(configuration.metrics, { service: 'rs-gateway', readiness });
  const application = await createNestApplication(rsGatewayModule(parts, logger), {
    logger,
    readiness,
    metrics,
    requestTimeoutMs: configuration.server.requestTimeout,
    trustedProxies: configuration.server.trustedProxies,
    bodyParsing: 'stream',
    // Repeated headers are the gateway's own to refuse, each with the answer that protocol.md 3.5 gives it.
    singleHeaders: [],
  });
  const service = gatewayService({
    application,
    readiness,
    server: configuration.server,
    requests: metrics.requests,
    onListening: () => {
      void upkeep.keys.start();
      void upkeep.resources.start();
      void upkeep.revocations.start();
    },
    onStopped: parts.close,
  });
  const started = withMetrics(
    {
      listen: async () => {
        await parts.open();
        return service.listen();
      },
      stop: () => service.stop(),
    },
    metrics,
  );
  return {
    ...started,
    url: configuration.publicUrl,
    close: () => started.stop(),
    ready: async () => void (await Promise.all(Object.values(upkeep).map(({ succeeded }) => succeeded))),
  };
}
