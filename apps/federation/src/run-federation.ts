import { UmaError } from '@uma-federation/uma-client';
import type { FederationOptions } from './command-line.ts';
import { nextSteps } from './next-steps.ts';
import { readSharedNote } from './read-note.ts';
import { startFederation, type Federation } from './start-federation.ts';
import { stepLines } from './step-line.ts';

/** Where output goes and how long to stay. */
export interface RunSurroundings {
  readonly print: (line: string) => void;
  /** Resolves when the person wants everything to stop. */
  readonly stopRequested: Promise<void>;
}

/**
 * Starts two domains, lets Bob read Alice's note once, and stays up unless asked not to.
 * @returns the exit code: 0, or 1 when the access failed with `once`
 * @throws Error with a message for the person when the federation cannot be started
 */
export async function runFederation(options: FederationOptions, { print, stopRequested }: RunSurroundings): Promise<number> {
  const started = Date.now();
  print('Starting two domains, acme and globex …');
  const federation = await startFederation(options);
  try {
    print(`Ready in ${((Date.now() - started) / 1000).toFixed(1)} s. Bob of globex reads Alice's note at acme:\n`);
    const succeeded = await access(federation, print);
    if (options.once) return succeeded ? 0 : 1;
    print(nextSteps(federation.manifest, federation.manifestFile));
    await stopRequested;
    print('\nStopping …');
    return 0;
  } finally {
    await federation.stop();
  }
}

async function access({ manifest }: Federation, print: (line: string) => void): Promise<boolean> {
  let last = 0;
  try {
    const { status, body } = await readSharedNote(manifest, (step) => {
      last = step.number;
      for (const line of stepLines(step)) print(line);
    });
    print(`\n${body}\n`);
    if (status === 200) return true;
    print(`Step 10 failed: the gateway answered ${status}.`);
  } catch (error) {
    const step = error instanceof UmaError ? (error.step ?? last) : last;
    print(`Step ${step} failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  return false;
}
