import { grantRequests, GUEST_DOMAIN, type SharedResource } from '../authorization-servers/grant-requests.ts';
import { loadOf, warmUp } from '../authorization-servers/fresh-load.ts';
import { startAsRo, type AsRoProcess } from '../authorization-servers/start-as-ro.ts';
import type { Benchmark, BenchmarkRun } from '../harness/benchmark.ts';
import { startDatabaseServer, type DatabaseServer } from '../harness/databases.ts';
import { startFakeIssuer, type FakeIssuer } from '../harness/fake-issuer.ts';
import type { Figure } from '../harness/figure.ts';
import { generateLoad } from '../harness/load.ts';
import { interleave } from '../harness/rounds.ts';
import { median } from '../harness/statistics.ts';
import { loadShares } from './load-shares.ts';

const SIZES = [1_000, 100_000, 1_000_000] as const;
/** Resources that grants are asked for, spread over the whole store. */
const SAMPLE = 1_000;

interface StoreOfSize {
  readonly asRo: AsRoProcess;
  readonly fresh: (count: number) => ReturnType<typeof grantRequests>;
}

/** One round: grants per second, and CPU milliseconds of AS-RO and PostgreSQL together per grant. */
interface GrantCost {
  readonly perSecond: number;
  readonly cpuMs: number | undefined;
}

/** Whether the grant stays as fast as it is while shares become many: three databases in one cluster, one AS-RO on each. */
export const benchmarkShares: Benchmark = async (run) => {
  const databases = await startDatabaseServer(run);
  const guestIssuer = await startFakeIssuer(run);
  const stores = new Map<string, StoreOfSize>();
  for (const size of SIZES) stores.set(String(size), await prepare(size, databases, guestIssuer, run));
  let expected = 0;
  for (const { asRo, fresh } of stores.values()) expected = Math.max(expected, await warmUp(asRo, fresh));
  run.say('shares: measuring');
  const sides = Object.fromEntries([...stores].map(([size, store]) => [size, () => measure(store, expected, databases, run)]));
  const measured = await interleave(run.rounds, sides);
  return SIZES.slice(1).flatMap((size) => compare(measured[String(SIZES[0])] ?? [], measured[String(size)] ?? [], size));
};

async function prepare(size: number, databases: DatabaseServer, guestIssuer: FakeIssuer, run: BenchmarkRun): Promise<StoreOfSize> {
  run.say(`shares: loading ${size} shares into ${databases.name}`);
  const database = await databases.create(`shares_${size}`);
  const resources: readonly SharedResource[] = await loadShares(database, size, SAMPLE);
  const asRo = await startAsRo({ instance: `shares-${size}`, databaseUrl: database.serviceUrl, addressMap: { [GUEST_DOMAIN]: guestIssuer.issuer } }, run);
  return { asRo, fresh: (count) => grantRequests(count, resources, asRo, guestIssuer) };
}

async function measure({ asRo, fresh }: StoreOfSize, expected: number, databases: DatabaseServer, run: BenchmarkRun): Promise<GrantCost> {
  const load = await loadOf(fresh, expected, run.seconds);
  const databaseBefore = databases.cpuSeconds();
  const serviceBefore = asRo.cpuSeconds();
  const { requests, seconds } = await generateLoad({ ...load, origin: asRo.origin });
  const service = asRo.cpuSeconds() - serviceBefore;
  const databaseAfter = databases.cpuSeconds();
  const database = databaseBefore === undefined || databaseAfter === undefined ? undefined : databaseAfter - databaseBefore;
  return { perSecond: requests / seconds, cpuMs: database === undefined ? undefined : ((service + database) * 1000) / requests };
}

/** Judged by CPU where PostgreSQL is on this machine, because a neighbour's load does not change it; by the rate elsewhere. */
function compare(small: readonly GrantCost[], large: readonly GrantCost[], size: number): readonly Figure[] {
  const name = `grants with ${size.toLocaleString('en')} shares`;
  const target = { atLeast: 0.8 };
  const rates: Figure = {
    name: `${name}: per second of wall time, of those with 1,000`,
    unit: 'ratio',
    values: large.map(({ perSecond }, round) => perSecond / (small[round]?.perSecond ?? NaN)),
    details: { small: `${Math.round(median(small.map(({ perSecond }) => perSecond)))}/s`, large: `${Math.round(median(large.map(({ perSecond }) => perSecond)))}/s` },
  };
  const cpu = (costs: readonly GrantCost[]): number[] => costs.flatMap(({ cpuMs }) => (cpuMs === undefined ? [] : [cpuMs]));
  if (cpu(large).length === 0) return [{ ...rates, target }];
  const costs: Figure = {
    name: `${name}: per CPU second of AS-RO and PostgreSQL, of those with 1,000`,
    unit: 'ratio',
    values: cpu(small).map((cost, round) => cost / (cpu(large)[round] ?? NaN)),
    target,
    details: { small: `${median(cpu(small)).toFixed(2)} ms`, large: `${median(cpu(large)).toFixed(2)} ms` },
  };
  return [costs, rates];
}
