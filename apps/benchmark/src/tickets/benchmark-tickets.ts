import type { ResourceServerClient } from '../authorization-servers/clients.ts';
import { OWNER_DOMAIN, startAsRo, type AsRoProcess } from '../authorization-servers/start-as-ro.ts';
import type { Benchmark, BenchmarkRun } from '../harness/benchmark.ts';
import { startDatabaseServer } from '../harness/databases.ts';
import type { Figure } from '../harness/figure.ts';
import { freePort } from '../harness/free-port.ts';
import { generateLoad } from '../harness/load.ts';
import { startRedisServer } from '../harness/redis-server.ts';
import { interleave } from '../harness/rounds.ts';
import { startService, type ServiceProcess } from '../harness/service-process.ts';
import { median } from '../harness/statistics.ts';

const CONNECTIONS = 32;
const WARM_UP_SECONDS = 4;
const PER_MINUTE = 1_000_000_000;
const TRANSPORTS = ['http', 'bus'] as const;
type Transport = (typeof TRANSPORTS)[number];

/** One round of one transport. */
interface TicketRate {
  readonly perSecond: number;
  /** Per CPU second of gateway and AS-RO together. */
  readonly perCpuSecond: number;
}

/** Requests without a token, each answered 401 with a ticket that AS-RO made: over the bus, against the HTTP protection API. */
export const benchmarkTickets: Benchmark = async (run) => {
  const redis = await startRedisServer(run);
  const name = '401 with a ticket over the bus, of those over the HTTP protection API';
  if (typeof redis === 'string') return [{ name, skipped: redis }];
  const databases = await startDatabaseServer(run);
  const database = await databases.create('tickets');
  const { host, port, password } = redis;
  const settings = { redis: { address: { kind: 'standalone', host, port }, ...(password === undefined ? {} : { password }) } };
  const clients = { http: await gatewayClient('http'), bus: await gatewayClient('bus') };
  const asRo = await startAsRo({ instance: 'tickets', databaseUrl: database.serviceUrl, addressMap: {}, resourceServers: [clients.http, clients.bus], settings: { ...settings, bus: true } }, run);
  const gateways = { http: await startGateway('http', clients.http, asRo, settings, run), bus: await startGateway('bus', clients.bus, asRo, settings, run) };
  run.say(`tickets: gateway, AS-RO, ${redis.name}, ${databases.name}, ${CONNECTIONS} connections`);
  for (const transport of TRANSPORTS) await measure(gateways[transport], asRo, WARM_UP_SECONDS);
  const measured = await interleave(run.rounds, {
    http: () => measure(gateways.http, asRo, run.seconds),
    bus: () => measure(gateways.bus, asRo, run.seconds),
  });
  return [compare(`${name}: per CPU second of gateway and AS-RO`, 'perCpuSecond', measured), compare(`${name}: per second of wall time`, 'perSecond', measured)];
};

async function gatewayClient(transport: Transport): Promise<ResourceServerClient> {
  return { clientId: `gateway-${transport}`, clientSecret: `benchmark-gateway-secret-0123456789-${transport}`, identifier: `http://127.0.0.1:${await freePort()}` };
}

function startGateway(transport: Transport, client: ResourceServerClient, asRo: AsRoProcess, settings: object, run: BenchmarkRun): Promise<ServiceProcess> {
  const { identifier: publicUrl, ...credentials } = client;
  const configuration = {
    publicUrl,
    authorizationServer: { issuer: asRo.issuer, ...credentials, transport },
    // Nothing gets that far without a token.
    upstream: { origin: 'http://127.0.0.1:9' },
    routes: [{ id: 'note', path: '/notes/{id}', methods: { GET: ['view'] }, resource: 'note {id}', owner: `alice@${OWNER_DOMAIN}`, instances: [{ id: '1' }] }],
    challengeLimits: { perSource: PER_MINUTE, perRoute: PER_MINUTE },
    development: { loopback: true },
    ...settings,
  };
  return startService({ app: 'rs-gateway', instance: transport, configuration, port: Number(new URL(publicUrl).port) }, run);
}

async function measure(gateway: ServiceProcess, asRo: AsRoProcess, seconds: number): Promise<TicketRate> {
  const before = gateway.cpuSeconds() + asRo.cpuSeconds();
  const load = await generateLoad({ origin: gateway.origin, connections: CONNECTIONS, seconds, status: 401, next: () => ({ method: 'GET', path: '/notes/1', headers: {} }) });
  return { perSecond: load.requests / load.seconds, perCpuSecond: load.requests / (gateway.cpuSeconds() + asRo.cpuSeconds() - before) };
}

function compare(name: string, member: keyof TicketRate, { http, bus }: Record<Transport, readonly TicketRate[]>): Figure {
  const middle = (rates: readonly TicketRate[]): string => `${Math.round(median(rates.map((rate) => rate[member])))}/s`;
  return { name, unit: 'ratio', values: bus.map((rate, round) => rate[member] / (http[round]?.[member] ?? NaN)), details: { bus: middle(bus), http: middle(http) } };
}
