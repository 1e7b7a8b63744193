import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import type { BenchmarkRun } from '../harness/index.ts';

/** A process of this benchmark's own. */
export interface Child<Ready> {
  readonly processId: number;
  /** Its answer to the first message. */
  readonly ready: Ready;
  /** Sends a message and gives the answer to it; one at a time. */
  ask<T>(message: object): Promise<T>;
}

/**
 * Starts `processes/<name>` with a first message and waits for the answer. The run's end ends it.
 * @throws Error when it ends by itself
 */
export async function startChild<Ready>(name: string, settings: object, run: BenchmarkRun): Promise<Child<Ready>> {
  // The file ends as this one does: `.ts` among the sources, `.js` when compiled.
  const file = new URL(`./processes/${name}${extname(import.meta.filename)}`, import.meta.url);
  const forked = fork(file, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const exited = once(forked, 'exit');
  run.cleanup.push(async () => {
    if (forked.exitCode === null && forked.signalCode === null) forked.kill('SIGKILL');
    await exited;
  });
  const ask = async <T>(message: object): Promise<T> => {
    forked.send(message);
    const answer = await Promise.race([once(forked, 'message'), exited.then(() => undefined)]);
    if (answer === undefined) throw new Error(`the process ${name} ended too soon`);
    return answer[0] as T;
  };
  return { processId: forked.pid ?? 0, ready: await ask<Ready>(settings), ask };
}
