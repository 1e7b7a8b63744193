import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { request } from 'undici';
import type { BenchmarkRun } from './benchmark.ts';
import { cpuSeconds } from './process-cpu.ts';

/** The workspace: this file is three folders below it, in `src` as in `dist`. */
const WORKSPACE = fileURLToPath(new URL('../../../../', import.meta.url));
const READY_PATIENCE_MS = 20_000;
const STOP_PATIENCE_MS = 5_000;

/** A service as users start it. */
export interface ServiceStart {
  /** The folder below `apps/`. */
  readonly app: 'as-ro' | 'as-rqp' | 'rs-gateway';
  /** Tells several processes of one app apart. */
  readonly instance?: string | undefined;
  /** The configuration file's content. The service listens on 127.0.0.1 at this port. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly port: number;
}

/** A service that is ready. */
export interface ServiceProcess {
  readonly origin: string;
  readonly processId: number;
  /** CPU seconds that it has used so far. */
  cpuSeconds(): number;
  /** SIGTERM; resolves when the process is gone. The run's end stops it too. */
  stop(): Promise<void>;
}

/**
 * Starts a service from its `dist/main.js`, in a process of its own and with nothing of this environment, and waits until it is ready.
 * Its log goes to a file, at level `info` unless the configuration says otherwise: logging is part of what a request costs.
 * @throws Error with the end of its log when it is not ready in 20 s
 */
export async function startService({ app, instance, configuration, port }: ServiceStart, run: BenchmarkRun): Promise<ServiceProcess> {
  const name = instance === undefined ? app : `${app}-${instance}`;
  const file = join(run.directory, `${name}.yaml`);
  const logFile = join(run.directory, `${name}.log`);
  const server = { host: '127.0.0.1', port, drainDelay: '0s', closeTimeout: '2s' };
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ ...configuration, server }), { mode: 0o600 });
  const log = openSync(logFile, 'a');
  const profiling = run.profileDirectory === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${run.profileDirectory}`, `--cpu-prof-name=${name}.cpuprofile`];
  const child = spawn(process.execPath, [...profiling, join(WORKSPACE, 'apps', app, 'dist', 'main.js'), '--config', file], {
    cwd: run.directory,
    env: {},
    stdio: ['ignore', log, log],
    // Ctrl-C reaches this process only, which then stops its services in order.
    detached: true,
  });
  closeSync(log);
  let ended = false;
  const exit = once(child, 'exit').then(() => (ended = true), () => (ended = true));
  const stop = async (): Promise<void> => {
    if (!ended) child.kill('SIGTERM');
    await Promise.race([exit, pause(STOP_PATIENCE_MS)]);
    if (!ended) child.kill('SIGKILL');
    await exit;
  };
  run.cleanup.push(stop);
  const origin = `http://127.0.0.1:${port}`;
  const isReady = await until(() => ended || answersReady(origin));
  const processId = child.pid;
  if (!isReady || ended || processId === undefined) throw new Error(`${name} did not start: ${(await readFile(logFile, 'utf8')).slice(-2000)}`);
  return { origin, processId, cpuSeconds: () => cpuSeconds(processId), stop };
}

async function until(isDone: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + READY_PATIENCE_MS;
  while (performance.now() < deadline) {
    if (await isDone()) return true;
    await pause(50);
  }
  return false;
}

async function answersReady(origin: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${origin}/health/ready`, { headersTimeout: 2000 });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}
