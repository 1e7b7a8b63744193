import { setFlagsFromString } from 'node:v8';
import type { DestinationStream } from 'pino';
import { processEnvironment, type Environment } from './process-environment.ts';

/** The process a service runs in. */
export interface HostProcess {
  /** Command line arguments after the script. */
  readonly arguments: readonly string[];
  readonly environment: Environment;
  /** For example `24.21.0`. */
  readonly nodeVersion: string;
  /** Where log lines go; standard output when absent. */
  readonly log?: DestinationStream | undefined;
  /** Says something to the person at the terminal. */
  print(text: string): void;
  exit(code: number): void;
  /** Calls back at the first SIGTERM and the first SIGINT; a second one of the same kind ends the process at once. */
  onStopSignal(listener: (signal: string) => void): void;
  /** Calls back for exceptions and rejections that nobody caught. */
  onFault(listener: (error: unknown) => void): void;
}

/** The real process, with V8 set for a service that runs long and allocates for each request. */
export function currentProcess(): HostProcess {
  // V8 puts objects of code whose first ones lived long into the old generation at once. Code that runs at the start and then for every request
  // so leaves garbage there that only a full collection takes: a proxied request cost a fifth more, and pauses were ten times as long.
  setFlagsFromString('--no-allocation-site-pretenuring');
  return {
    arguments: process.argv.slice(2),
    environment: processEnvironment(),
    nodeVersion: process.versions.node,
    print: (text) => void process.stderr.write(`${text}\n`),
    exit: (code) => process.exit(code),
    onStopSignal: (listener) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, listener);
    },
    onFault: (listener) => {
      process.on('uncaughtException', listener);
      process.on('unhandledRejection', listener);
    },
  };
}
