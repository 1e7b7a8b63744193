import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again every 10 ms until the answer is yes: for what happens in another process.
 * @throws Error after `timeoutMs`
 */
export async function eventually(question: () => Promise<boolean> | boolean, timeoutMs = 10_000): Promise<void> {
  for (const deadline = performance.now() + timeoutMs; !(await question()); await pause(10)) {
    if (performance.now() > deadline) throw new Error('it did not happen in time');
  }
}
