import { createLogger, createMetrics, createNestApplication, Readiness, withMetrics, type Logger, type Service } from '@uma-federation/nest-kit';
import type { AsRoUpkeep } from './as-ro-link.ts';
import type { RsGatewayConfiguration } from './configuration.ts';
import { createGatewayParts, createGatewayPorts, type GatewayParts, type GatewayPorts } from './gateway-parts.ts';
import { gatewayService } from './gateway-service.ts';
import { rsGatewayModule } from './rs-gateway.module.ts';
import type { Upkeep } from './upkeep.ts';

/** A gateway; several may live in one process. */
export interface RsGateway extends Service {
  /** The configured public URL. */
  readonly url: string;
  /** Resolves when the keys and revocations of every AS-RO are known and all resources of the route table are registered. */
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
  const tasks = [...parts.upkeep.values()].flatMap(tasksOf);
  const readiness = new Readiness();
  addChecks(readiness, parts.upkeep);
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
      for (const task of tasks) void task.start();
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
    ready: async () => void (await Promise.all(tasks.map(({ succeeded }) => succeeded))),
  };
}

function tasksOf({ keys, resources, revocations }: AsRoUpkeep): readonly Upkeep[] {
  return [keys, resources, revocations];
}

/**
 * Work that was done once is enough: an AS-RO being away later does not keep verified tokens from the upstream. Of several AS-ROs one is enough
 * once each was asked: who chose another one is not kept from the upstream by an AS-RO that was away from the beginning.
 */
function addChecks(readiness: Readiness, upkeep: GatewayParts['upkeep']): void {
  const isLinked = (one: AsRoUpkeep): boolean => tasksOf(one).every((task) => task.hasSucceeded);
  const isOtherLinked = (own: AsRoUpkeep): boolean => [...upkeep.values()].some((other) => other !== own && isLinked(other));
  for (const [server, one] of upkeep) {
    for (const [task, work] of Object.entries(one) as [string, Upkeep][]) {
      const name = upkeep.size === 1 ? task : `${task} of ${server}`;
      const isDone = (): boolean => work.hasSucceeded || (work.hasRun && isOtherLinked(one));
      const check = (): Promise<void> => (isDone() ? Promise.resolve() : Promise.reject(new Error(`${name}: not done yet`)));
      readiness.add({ name, deadlineMs: READINESS_DEADLINE_MS, check });
    }
  }
}
