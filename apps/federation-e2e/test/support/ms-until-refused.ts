import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 50;
const AT_MOST_MS = 15_000;

/** Milliseconds until the first answer that is not 200; asks for at most 15 s. */
export async function msUntilRefused(ask: () => Promise<{ readonly status: number }>): Promise<number> {
  const started = performance.now();
  while ((await ask()).status === 200 && performance.now() - started < AT_MOST_MS) await delay(PAUSE_MS);
  return performance.now() - started;
}
