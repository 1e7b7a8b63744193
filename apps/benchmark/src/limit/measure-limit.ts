import type { Rate } from '../harness/measure-load.ts';
import { doSigningWork, type SigningWork } from './signing-work.ts';

const BATCH = 50;

/**
 * How often this machine can do the work on one thread.
 * @param works taken in turn, so that no two operations after one another see the same octets
 */
export function measureLimit(works: readonly SigningWork[], seconds: number): Rate {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const deadline = started + seconds * 1000;
  const nowSeconds = Math.floor(Date.now() / 1000);
  let operations = 0;
  while (performance.now() < deadline) {
    for (let index = 0; index < BATCH; index += 1) {
      const work = works[operations % works.length];
      if (work === undefined) throw new RangeError('no work');
      doSigningWork(work, nowSeconds);
      operations += 1;
    }
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: operations / ((performance.now() - started) / 1000), perCpuSecond: operations / ((user + system) / 1_000_000) };
}
