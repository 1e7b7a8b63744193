import { parseArgs } from 'node:util';

/** What the person asks for. */
export interface CommandLine {
  /** Names of benchmarks; none means all. */
  readonly names: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  /** A file for the report. */
  readonly json: string | undefined;
  /** A folder for CPU profiles of the services, which slow them down. */
  readonly profile: string | undefined;
}

/** @throws Error with the usage for anything that is not understood */
export function readCommandLine(argumentsGiven: readonly string[], known: readonly string[]): CommandLine {
  const usage = `Usage: npm run bench -- [${known.join('|')}]… [--rounds N] [--seconds S] [--json FILE] [--profile FOLDER]`;
  try {
    const { values, positionals } = parseArgs({
      args: [...argumentsGiven],
      allowPositionals: true,
      options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' }, json: { type: 'string' }, profile: { type: 'string' } },
    });
    const rounds = Number(values.rounds);
    const seconds = Number(values.seconds);
    const isFine = Number.isInteger(rounds) && rounds >= 1 && seconds > 0 && seconds <= 60 && positionals.every((name) => known.includes(name));
    if (!isFine) throw new Error(usage);
    return { names: positionals, rounds, seconds, json: values.json, profile: values.profile };
  } catch {
    throw new Error(usage);
  }
}
