import { setTimeout as delay } from 'node:timers/promises';

/** Waits until a condition holds, asking every `pauseMs`. @throws Error that says what did not come about in time */
export async function until(what: string, condition: () => boolean | Promise<boolean>, withinMs = 5000, pauseMs = 5): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(pauseMs);
  }
}
