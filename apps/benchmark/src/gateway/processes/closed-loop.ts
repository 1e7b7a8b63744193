import { setTimeout as delay } from 'node:timers/promises';
import { openConnections } from './client-connection.ts';

/** Load without end: every connection sends its next request when the last one is answered. */
export interface ClosedLoop {
  readonly kind: 'closed';
  readonly port: number;
  /** Each connection sends one of them again and again. */
  readonly requests: readonly string[];
  readonly connections: number;
  readonly durationMs: number;
}

/** What came of a closed loop. */
export interface ClosedLoopResult {
  readonly answered: number;
  readonly errors: number;
}

/** Runs a closed loop. */
export async function closedLoop({ port, requests, connections: count, durationMs }: ClosedLoop): Promise<ClosedLoopResult> {
  const connections = await openConnections(port, requests, count);
  let answered = 0;
  let running = true;
  for (const connection of connections) {
    const next = (): void => {
      answered += 1;
      if (running) connection.send(next);
    };
    connection.send(next);
  }
  await delay(durationMs);
  running = false;
  const result = { answered, errors: connections.reduce((sum, { errors }) => sum + errors, 0) };
  for (const connection of connections) connection.close();
  return result;
}
