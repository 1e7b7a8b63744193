import { setTimeout as delay } from 'node:timers/promises';
import { openConnections, type ClientConnection } from './client-connection.ts';

/** Load at a fixed rate, whatever the answers do: a slow answer does not slow the next request down. */
export interface OpenLoop {
  readonly kind: 'open';
  readonly port: number;
  /** Each connection sends one of them again and again. */
  readonly requests: readonly string[];
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly durationMs: number;
}

/** What came of an open loop. Times count from the moment at which the request was due, in milliseconds. */
export interface OpenLoopResult {
  readonly answered: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const TICK_MS = 1;

/** Runs an open loop: each millisecond the requests that are due; one that finds no free connection waits, and its time runs. */
export async function openLoop(run: OpenLoop): Promise<OpenLoopResult> {
  const connections = await openConnections(run.port, run.requests, run.connections);
  const free = [...connections];
  const waiting: number[] = [];
  const latencies: number[] = [];
  const start = performance.now();
  let sent = 0;
  const send = (connection: ClientConnection, dueAt: number): void =>
    connection.send(() => {
      latencies.push(performance.now() - dueAt);
      const next = waiting.shift();
      if (next === undefined) free.push(connection);
      else send(connection, next);
    });
  const ticker = setInterval(() => {
    const elapsedMs = performance.now() - start;
    for (const due = Math.floor((Math.floor(elapsedMs) * run.requestsPerSecond) / 1000); sent < due; sent += 1) {
      const dueAt = start + Math.ceil(((sent + 1) * 1000) / run.requestsPerSecond);
      const connection = free.shift();
      if (connection === undefined) waiting.push(dueAt);
      else send(connection, dueAt);
    }
  }, TICK_MS);
  await delay(run.durationMs);
  clearInterval(ticker);
  const errors = connections.reduce((sum, connection) => sum + connection.errors, 0);
  for (const connection of connections) connection.close();
  latencies.sort((left, right) => left - right);
  return { answered: latencies.length, errors, p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99) };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
