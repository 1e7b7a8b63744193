import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startFederation } from '@uma-federation/federation-app';
import { connect } from '@uma-federation/persistence';
import type { FederationExtras, FederationUnderTest } from '../federation-under-test.ts';
import { REPOSITORY } from './compose-project.ts';

const run = promisify(execFile);
const PORTS = 200;
const FIRST_PORT = 10_000;

/** The federation of `npm start`, with what its own tests need to know. */
export interface InProcessFederation extends FederationUnderTest {
  readonly dataDirectory: string;
  readonly portBase: number;
}

/** Starts two domains in this process, on fresh data and ports of their own. The stores are embedded PostgreSQL, one per domain, as with `npm start`. */
export async function inProcessFederation(extras: FederationExtras = {}): Promise<InProcessFederation> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'uma-e2e-'));
  // The account that runs PostgreSQL when this is root has to reach its folder.
  await chmod(dataDirectory, 0o711);
  const portBase = await freePortBase();
  const start = () => startFederation({ fresh: false, portBase, dataDirectory, ...extras });
  let running = await start();
  const { manifest, manifestFile } = running;
  return {
    way: 'in-process',
    manifest,
    manifestFile,
    dataDirectory,
    portBase,
    // The function itself: a spec may put this one in its place.
    fetch: globalThis.fetch,
    query: async (domain, statement) => {
      const database = connect({ url: running.databaseUrls[domain], maxConnections: 1 });
      const rows = await database.run((sql) => sql.unsafe(statement)).finally(() => database.close());
      return rows.map((row) => Object.values(row).join('|'));
    },
    logLines: () => readLogs(dataDirectory),
    uma: (command, ...args) => run(process.execPath, ['apps/uma/dist/main.js', String(command), '--manifest', manifestFile, ...args], { cwd: REPOSITORY }),
    withCurl: (program, ...args) => run(program, args),
    stopAndStart: async () => {
      await running.stop();
      running = await start();
    },
    stop: async () => {
      await running.stop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

async function readLogs(dataDirectory: string): Promise<readonly string[]> {
  const files = ['acme', 'globex'].map(async (domain) => {
    const folder = join(dataDirectory, domain, 'log');
    const texts = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
    return texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  });
  return (await Promise.all(files)).flat();
}

/** A base below the ephemeral range, of which no port of ours is taken. */
async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const base = FIRST_PORT + PORTS * Math.floor(Math.random() * 100);
    const wanted = [0, 10, 20, 30, 40, 50].flatMap((offset) => [base + offset, base + 100 + offset]);
    if ((await Promise.all(wanted.map(isFree))).every(Boolean)) return base;
  }
  throw new Error('there is no free range of ports');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
