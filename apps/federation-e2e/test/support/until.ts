import { setTimeout as delay } from 'node:timers/promises';
import { RECOVERED_MS } from './deadlines.ts';

const PAUSE_MS = 200;

/** Waits until a condition holds. @throws Error that says what did not come about in time */
export async function until(what: string, condition: () => Promise<boolean>, withinMs = RECOVERED_MS): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(PAUSE_MS);
  }
}
