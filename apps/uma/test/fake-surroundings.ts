import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Surroundings } from '../src/surroundings.ts';

/** Surroundings of a test: temporary folders, and what was written. */
export interface FakeSurroundings extends Surroundings {
  readonly written: { readonly stdout: () => string; readonly stderr: () => string };
}

/** @param stdin what a person or script types */
export async function fakeSurroundings(changed: Partial<Surroundings> = {}, stdin = ''): Promise<FakeSurroundings> {
  const folder = await mkdtemp(join(tmpdir(), 'uma-test-'));
  const [stdout, stderr] = [collect(), collect()];
  return {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: Readable.from([stdin]),
    colours: false,
    workingFolder: folder,
    configFolder: join(folder, 'config', 'uma'),
    clock: { now: () => 1_800_000_000 },
    fetch: (input, init) => fetch(input, init),
    openBrowser: () => {
      throw new Error('no browser is expected here');
    },
    written: { stdout: stdout.text, stderr: stderr.text },
    ...changed,
  };
}

function collect(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
