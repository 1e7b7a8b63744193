import type { Figure } from '../harness/figure.ts';
import type { Rate } from '../harness/measure-load.ts';
import { median } from '../harness/statistics.ts';

/**
 * The two ratios of a server against its limit. The one per CPU second is judged: load generator and database share the cores with the
 * server, so the one per second of wall time says as much about the machine.
 */
export function againstLimit(name: string, atLeast: number, { limit, server }: { readonly limit: readonly Rate[]; readonly server: readonly Rate[] }): readonly Figure[] {
  const ratios = (member: keyof Rate): number[] => server.map((rate, round) => rate[member] / (limit[round]?.[member] ?? NaN));
  const perSecond = (rates: readonly Rate[], member: keyof Rate): string => `${Math.round(median(rates.map((rate) => rate[member])))}/s`;
  return [
    {
      name: `${name}: per CPU second of the process, of the limit`,
      unit: 'ratio',
      values: ratios('perCpuSecond'),
      target: { atLeast },
      details: { server: perSecond(server, 'perCpuSecond'), limit: perSecond(limit, 'perCpuSecond') },
    },
    {
      name: `${name}: per second of wall time, of the limit`,
      unit: 'ratio',
      values: ratios('perSecond'),
      details: { server: perSecond(server, 'perSecond'), limit: perSecond(limit, 'perSecond') },
    },
  ];
}
