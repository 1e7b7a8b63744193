import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** A process of this machine. */
export interface RunningProcess {
  /** Process id of its parent. */
  readonly parent: number;
  /** The command line, its arguments separated by spaces. */
  readonly command: string;
}

/**
 * Looks a process up: in /proc, or with `ps` where there is none.
 * @returns undefined when no such process runs (one that has ended but was not waited for does not run)
 */
export function findRunningProcess(processId: number): RunningProcess | undefined {
  try {
    return existsSync('/proc/self/stat') ? fromProc(processId) : fromPs(processId);
  } catch {
    return undefined;
  }
}

function fromProc(processId: number): RunningProcess | undefined {
  // proc(5): `pid (comm) state ppid …`; comm may contain spaces and parentheses.
  const [state, parent] = readFileSync(`/proc/${processId}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  return { parent: Number(parent), command: readFileSync(`/proc/${processId}/cmdline`, 'utf8').replaceAll('\0', ' ') };
}

function fromPs(processId: number): RunningProcess | undefined {
  const line = execFileSync('ps', ['-o', 'ppid=,stat=,command=', '-p', String(processId)], { encoding: 'utf8' }).trim();
  const [, parent, state, command] = /^([0-9]+) +(\S+) +(.*)$/s.exec(line) ?? [];
  return parent === undefined || state === undefined || command === undefined || state.startsWith('Z') ? undefined : { parent: Number(parent), command };
}
