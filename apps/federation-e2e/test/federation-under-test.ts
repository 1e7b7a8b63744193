import { chmod, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFederation, type Federation } from '@uma-federation/federation-app';

/** Two domains in this process, on ports and a data folder of their own. */
export interface FederationUnderTest extends Federation {
  readonly dataDirectory: string;
  readonly portBase: number;
  /** Every line that any service has logged so far. */
  logLines(): Promise<readonly string[]>;
}

const PORTS = 200;

/** Starts a federation on fresh data, or on the data and ports of one before. The stores are embedded PostgreSQL, one per domain. */
export async function startForTest(previous?: Pick<FederationUnderTest, 'dataDirectory' | 'portBase'>): Promise<FederationUnderTest> {
  const dataDirectory = previous?.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'uma-e2e-')));
  // The account that runs PostgreSQL when this is root has to reach its folder.
  await chmod(dataDirectory, 0o711);
  const portBase = previous?.portBase ?? (await freePortBase());
  const federation = await startFederation({ fresh: false, portBase, dataDirectory });
  return { ...federation, dataDirectory, portBase, logLines: () => readLogs(dataDirectory) };
}

/** Removes the data folder of a federation that was stopped. */
export async function discard({ dataDirectory }: Pick<FederationUnderTest, 'dataDirectory'>): Promise<void> {
  await rm(dataDirectory, { recursive: true, force: true });
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
    const base = 10_000 + PORTS * Math.floor(Math.random() * 100);
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
