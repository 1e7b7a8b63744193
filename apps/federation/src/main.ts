import { fileURLToPath } from 'node:url';
import { readCommandLine, USAGE } from './command-line.ts';
import { runFederation } from './run-federation.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const fail = (error: unknown): never => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
};
const stopRequested = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
});

try {
  const options = readCommandLine(process.argv.slice(2), fileURLToPath(new URL('../../../.federation', import.meta.url)));
  if (options === 'help') print(USAGE);
  else process.exit(await runFederation(options, { print, stopRequested }));
} catch (error) {
  fail(error);
}
