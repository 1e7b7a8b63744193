import { cpuSeconds, interleave, median, type Benchmark, type Figure, type Skipped } from '../harness/index.ts';
import { setScene, type Contestant, type Scene } from './scene.ts';

const CONNECTIONS = 64;
const LOAD_OF_MAXIMUM = 0.6;
/** Until V8 has compiled what is used, it is the compiler that is measured. */
const WARM_UP_REQUESTS = 40_000;
const WARM_UP_PATIENCE_MS = 30_000;

/** One round of one proxy at full load. */
interface FullLoad {
  readonly perSecond: number;
  /** Requests per CPU second of the proxy, which what else runs on the machine hardly changes. */
  readonly perCpuSecond: number;
}

/**
 * What the gateway's checks cost: requests with a valid RPT through the whole gateway, against its own proxy without any check, against the
 * least that proxies with `node:http` and undici, and against nginx; and what it adds to the latency at 60 % of what it can do.
 */
export const benchmarkGateway: Benchmark = async (run) => {
  const scene = await setScene(run);
  const { bare, unchecked, gateway, nginx } = scene;
  const full = (to: Contestant) => () => fullLoad(scene, to, run.seconds * 1000);
  run.say('gateway: warming up');
  for (const proxy of [bare, unchecked, gateway, nginx]) if (proxy !== undefined) await warmUp(scene, proxy);
  run.say('gateway: full load');
  const rates = await interleave(run.rounds, { nginx: nginx === undefined ? async () => undefined : full(nginx), bare: full(bare), unchecked: full(unchecked), gateway: full(gateway) });
  const figures = compare(rates);
  const maximum = median(rates.gateway.map((rate) => rate?.perSecond ?? 0));
  run.say('gateway: 60 % load');
  return [...figures, await addedLatency(scene, maximum * LOAD_OF_MAXIMUM, run)];
};

function compare({ gateway, bare, unchecked, nginx }: Readonly<Record<'gateway' | 'bare' | 'unchecked' | 'nginx', readonly (FullLoad | undefined)[]>>): (Figure | Skipped)[] {
  const perCpuSecond = (rates: readonly (FullLoad | undefined)[]): readonly number[] => rates.map((rate) => rate?.perCpuSecond ?? NaN);
  const ratio = (rates: readonly (FullLoad | undefined)[]): readonly number[] => perCpuSecond(gateway).map((rate, round) => rate / (perCpuSecond(rates)[round] ?? NaN));
  const details = (rates: readonly (FullLoad | undefined)[]): Figure['details'] => ({
    gateway: `${Math.round(median(perCpuSecond(gateway)))} requests per CPU second`,
    other: `${Math.round(median(perCpuSecond(rates)))} requests per CPU second`,
  });
  return [
    { name: 'gateway with a valid RPT / the same proxy without any check', values: ratio(unchecked), unit: 'ratio', target: { atLeast: 0.9 }, details: details(unchecked) },
    { name: 'gateway with a valid RPT / bare undici proxy', values: ratio(bare), unit: 'ratio', details: details(bare) },
    nginx.includes(undefined)
      ? { name: 'gateway with a valid RPT / nginx', skipped: 'nginx is not installed' }
      : { name: 'gateway with a valid RPT / nginx', values: ratio(nginx), unit: 'ratio', target: { atLeast: 0.45 }, details: details(nginx) },
  ];
}

async function warmUp(scene: Scene, proxy: Contestant): Promise<void> {
  const requests = await scene.knownRequests(proxy);
  let answered = 0;
  for (const deadline = performance.now() + WARM_UP_PATIENCE_MS; answered < WARM_UP_REQUESTS && performance.now() < deadline; ) {
    answered += (await scene.closedLoop(proxy, { requests, connections: CONNECTIONS, durationMs: 1_000 })).answered;
  }
}

async function fullLoad(scene: Scene, to: Contestant, durationMs: number): Promise<FullLoad> {
  const requests = await scene.knownRequests(to);
  const before = cpuSeconds(to.processId);
  const { answered, errors } = await scene.closedLoop(to, { requests, connections: CONNECTIONS, durationMs });
  if (errors > 0) throw new Error(`${errors} of ${answered} requests were not answered 200`);
  return { perSecond: (answered * 1000) / durationMs, perCpuSecond: answered / (cpuSeconds(to.processId) - before) };
}

/** p99 through the gateway less p99 of the upstream itself, at the same rate. */
async function addedLatency(scene: Scene, requestsPerSecond: number, run: Parameters<Benchmark>[0]): Promise<Figure> {
  const settings = { connections: CONNECTIONS, requestsPerSecond, durationMs: run.seconds * 1000 };
  const latencies = (to: Contestant) => async () => scene.openLoop(to, { ...settings, requests: await scene.knownRequests(to) });
  const measured = await interleave(run.rounds, { direct: latencies(scene.upstream), gateway: latencies(scene.gateway) });
  const of = (key: 'p50Ms' | 'p99Ms', side: 'direct' | 'gateway'): string => `${median(measured[side].map((result) => result[key])).toFixed(2)} ms`;
  return {
    name: 'p99 added by the gateway at 60 % load',
    values: measured.gateway.map(({ p99Ms }, round) => p99Ms - (measured.direct[round]?.p99Ms ?? NaN)),
    unit: 'ms',
    target: { atMost: 5 },
    details: { rate: `${Math.round(requestsPerSecond)}/s`, 'p50, p99 through the gateway': `${of('p50Ms', 'gateway')}, ${of('p99Ms', 'gateway')}`, 'p50, p99 without it': `${of('p50Ms', 'direct')}, ${of('p99Ms', 'direct')}` },
  };
}
