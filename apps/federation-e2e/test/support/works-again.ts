import { setTimeout as delay } from 'node:timers/promises';
import { RECOVERED_MS } from './deadlines.ts';
import type { RawClient } from './raw-client.ts';

const PAUSE_MS = 200;
const IN_A_ROW = 8;

/** Waits until the ten steps succeed several times in a row, so that each replica has had its turn. @throws the last failure when that takes too long */
export async function worksAgain(client: RawClient, withinMs = RECOVERED_MS): Promise<void> {
  const deadline = performance.now() + withinMs;
  let succeeded = 0;
  for (let last: unknown; succeeded < IN_A_ROW; ) {
    try {
      const read = await client.get(client.note(), `Bearer ${await client.rpt()}`);
      if (read.status !== 200) throw new Error(`the gateway answered ${read.status}`);
      succeeded += 1;
    } catch (error) {
      [succeeded, last] = [0, error];
      if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms`, { cause: last });
      await delay(PAUSE_MS);
    }
  }
}
