import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve as absolute } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { databaseAccount, type Account } from './database-account.ts';
import { findPostgresBinaries } from './embedded-binaries.ts';
import { claimCluster, ensureCluster } from './embedded-cluster.ts';
import { canReach, standInFor } from './reachable-directory.ts';

/** Where the embedded PostgreSQL keeps its data and where it listens. */
export interface EmbeddedPostgresOptions {
  /** Kept between runs. Without one, data live in a temporary directory, unsynchronised, and are removed at the end. */
  readonly dataDirectory?: string;
  /** On 127.0.0.1. 0 (default): a free one. */
  readonly port?: number;
}

/** A running PostgreSQL of this process. */
export interface EmbeddedPostgres {
  /** With the superuser's name and password. */
  readonly url: string;
  /** Where the data really are: not in `dataDirectory` when this is root and the database account cannot reach that. */
  readonly dataDirectory: string;
  /** Of the server. */
  readonly processId: number;
  /** Stops the server; resolves when it is gone. */
  stop(): Promise<void>;
}

type Server = ChildProcessByStdio<null, null, Readable> & { readonly pid: number };

const START_ATTEMPTS = 5;
const RETRY_MS = 100;
const STOP_SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const;
const STOP_PATIENCE_MS = 10_000;
/** Waits until the pipe from the starter closes, however the starter ended; then stops the server ($1) and removes the directory ($2). */
const WATCHDOG = `read -r _
kill -INT "$1" 2>/dev/null
n=0
while kill -0 "$1" 2>/dev/null && [ "$n" -lt 100 ]; do sleep 0.1; n=$((n + 1)); done
kill -KILL "$1" 2>/dev/null
[ -z "$2" ] || rm -rf "$2"`;
const ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

/**
 * Starts a real PostgreSQL 17 as a child of this process. It listens on 127.0.0.1 only, with a random password.
 * It dies with this process, even when that is killed (SIGKILL), but never before: it has its own session, so Ctrl-C reaches the service only, which may drain.
 * No signal handler is installed and the event loop is not kept alive.
 * @returns when it accepts connections: 0.2 s after the call, about 1 s when the cluster has to be made
 * @throws Error when it does not start, or when the data directory is in use by a living process
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
  if (process.platform === 'win32') throw new Error('The embedded PostgreSQL needs Linux or macOS; name a PostgreSQL server instead.');
  const account = databaseAccount();
  const binaries = await findPostgresBinaries(account);
  const temporary = options.dataDirectory === undefined;
  const dataDirectory = options.dataDirectory === undefined ? await temporaryDirectory(account) : await keptDirectory(absolute(options.dataDirectory), account);
  try {
    const cluster = join(dataDirectory, 'cluster');
    const password = await ensureCluster(cluster, binaries.initdb, account);
    await claimCluster(cluster, account);
    const { port, ...server } = await startOnPort(options.port ?? 0, (port) =>
      launch(binaries.postgres, serverArguments(cluster, port, temporary), account, temporary ? dataDirectory : ''),
    );
    return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, dataDirectory, ...server };
  } catch (error) {
    if (temporary) await rm(dataDirectory, { recursive: true, force: true });
    throw error;
  }
}

async function startOnPort<T>(wanted: number, start: (port: number) => Promise<T>): Promise<T & { port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted === 0 ? await freePort() : wanted;
    try {
      return { ...(await start(port)), port };
    } catch (error) {
      // The free port was taken meanwhile, or processes of a killed server still hold its memory.
      const mayPass = error instanceof Error && /Address already in use|shared memory block/.test(error.message);
      if (!mayPass || attempt === START_ATTEMPTS) throw error;
      await pause(RETRY_MS);
    }
  }
}

function serverArguments(cluster: string, port: number, temporary: boolean): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    // What is thrown away at the end need not survive a power cut.
    ...(temporary ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
  ];
  return ['-D', cluster, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}

async function launch(program: string, programArguments: string[], account: Account | undefined, removeAfterwards: string): Promise<{ processId: number; stop: () => Promise<void> }> {
  const server = spawn(program, programArguments, { ...account, cwd: '/', env: ENVIRONMENT, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()).once('error', () => resolve()));
  const ready = waitUntilReady(server);
  if (!hasStarted(server)) return await (ready as Promise<never>);
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'watchdog', String(server.pid), removeAfterwards], { ...account, cwd: '/', env: ENVIRONMENT, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  void ended.then(() => watchdog.kill('SIGKILL'));
  await ready;
  server.unref();
  watchdog.unref();
  (server.stderr as Readable & { unref(): void }).unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  const stop = async (): Promise<void> => {
    await stopServer(server, ended);
    if (removeAfterwards !== '') await rm(removeAfterwards, { recursive: true, force: true });
  };
  return { processId: server.pid, stop };
}

function hasStarted(server: ChildProcessByStdio<null, null, Readable>): server is Server {
  return server.pid !== undefined;
}

/** Reads the server's log until it is ready, then goes on reading and forgetting, so that the pipe never fills. */
function waitUntilReady(server: ChildProcessByStdio<null, null, Readable>): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4000);
      if (log.includes('database system is ready to accept connections')) resolve();
    });
    server.once('error', reject);
    server.once('close', (code) => reject(new Error(`PostgreSQL did not start (${code}): ${log.trim()}`)));
  });
}

async function stopServer(server: Server, ended: Promise<void>): Promise<void> {
  for (const signal of STOP_SIGNALS) {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.ref();
    server.kill(signal);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, STOP_PATIENCE_MS)))]);
    clearTimeout(timer);
  }
}

async function temporaryDirectory(account: Account | undefined): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'uma-federation-postgres-'));
  // The watchdog runs under the account and has to remove it.
  if (account !== undefined) await chown(directory, account.uid, account.gid);
  return directory;
}

async function keptDirectory(wanted: string, account: Account | undefined): Promise<string> {
  if (await canReach(join(wanted, 'cluster'), account)) {
    await mkdir(wanted, { recursive: true, mode: 0o755 });
    return wanted;
  }
  return standInFor(wanted);
}

/** PostgreSQL does not choose a port by itself. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no free port'))));
    });
  });
}
