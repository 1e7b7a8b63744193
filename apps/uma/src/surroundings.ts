import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Wait } from '@uma-federation/uma-client';
import type { Clock } from '@uma-federation/uma-core';
import { openBrowser } from './sign-in/open-browser.ts';

/** What the command line touches of the machine it runs on. */
export interface Surroundings {
  /** Gets nothing but the body of the resource, or the answer of a command that only informs. */
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly stdin: Readable;
  /** Whether stderr takes colours. */
  readonly colours: boolean;
  readonly workingFolder: string;
  /** Holds `config.json` and `tokens.json`. */
  readonly configFolder: string;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** How time passes; undefined: with the platform's timers. */
  readonly wait?: Wait | undefined;
  readonly openBrowser: (url: string) => void;
}

/** The real ones. https://no-color.org: any non-empty NO_COLOR switches colours off. */
export function processSurroundings(): Surroundings {
  const { NO_COLOR: noColour = '', XDG_CONFIG_HOME: configHome = '' } = process.env;
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    colours: process.stderr.isTTY && noColour === '',
    workingFolder: process.cwd(),
    configFolder: join(configHome === '' ? join(homedir(), '.config') : configHome, 'uma'),
    clock: { now: () => Math.floor(Date.now() / 1000) },
    fetch: (input, init) => fetch(input, init),
    openBrowser,
  };
}
