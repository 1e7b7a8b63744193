import { readdirSync, readFileSync } from 'node:fs';

/** `USER_HZ`, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly parent: number;
  /** User and system time, in ticks. */
  readonly own: number;
  /** The same of children that have ended. */
  readonly endedChildren: number;
}

/**
 * CPU seconds that a process has used, all its threads together, in steps of 10 ms.
 * @param processId of a living process on this machine
 * @throws Error where there is no /proc
 */
export function cpuSeconds(processId: number): number {
  return readTimes(processId).own / TICKS_PER_SECOND;
}

/** CPU seconds of a process and all its children, ended ones included: a PostgreSQL server with its backends. */
export function familyCpuSeconds(processId: number): number {
  const { own, endedChildren } = readTimes(processId);
  const children = readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map((name) => tryReadTimes(Number(name)))
    .filter((times) => times?.parent === processId);
  return children.reduce((sum, times) => sum + (times?.own ?? 0), own + endedChildren) / TICKS_PER_SECOND;
}

/** proc(5), /proc/pid/stat: the second field, the program's name in parentheses, may hold anything. */
function readTimes(processId: number): ProcessTimes {
  const text = readFileSync(`/proc/${processId}/stat`, 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ').map(Number);
  const at = (field: number): number => fields[field - 3] ?? 0;
  return { parent: at(4), own: at(14) + at(15), endedChildren: at(16) + at(17) };
}

function tryReadTimes(processId: number): ProcessTimes | undefined {
  try {
    return readTimes(processId);
  } catch {
    return undefined;
  }
}
