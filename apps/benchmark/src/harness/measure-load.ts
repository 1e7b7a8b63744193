import { generateLoad, type Load } from './load.ts';
import type { ServiceProcess } from './service-process.ts';

/** One round of one side. */
export interface Rate {
  /** Operations per second of wall time. */
  readonly perSecond: number;
  /** Operations per CPU second of the process that did them, which what else runs on the machine hardly changes. */
  readonly perCpuSecond: number;
}

/** Loads a service, and reads what that cost it. */
export async function measureLoad(service: ServiceProcess, load: Omit<Load, 'origin'>): Promise<Rate> {
  const before = service.cpuSeconds();
  const { requests, seconds } = await generateLoad({ ...load, origin: service.origin });
  return { perSecond: requests / seconds, perCpuSecond: requests / (service.cpuSeconds() - before) };
}
