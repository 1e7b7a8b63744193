import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { benchmarkExchanges } from './authorization-servers/benchmark-exchanges.ts';
import { benchmarkGrants } from './authorization-servers/benchmark-grants.ts';
import { readCommandLine, type CommandLine } from './command-line.ts';
import type { Benchmark } from './harness/benchmark.ts';
import { Cleanup } from './harness/cleanup.ts';
import type { Figure, Skipped } from './harness/figure.ts';
import { benchmarkGateway } from './gateway/benchmark-gateway.ts';
import { formatReport, type Report } from './report.ts';
import { benchmarkShares } from './shares/benchmark-shares.ts';
import { benchmarkTickets } from './tickets/benchmark-tickets.ts';

const BENCHMARKS: ReadonlyMap<string, Benchmark> = new Map([
  ['grants', benchmarkGrants],
  ['exchanges', benchmarkExchanges],
  ['tickets', benchmarkTickets],
  ['shares', benchmarkShares],
  ['gateway', benchmarkGateway],
]);

const say = (line: string): void => void process.stderr.write(`${line}\n`);
let current = new Cleanup();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void current.run().then(() => process.exit(1)));
}

try {
  const commandLine = readCommandLine(process.argv.slice(2), [...BENCHMARKS.keys()]);
  const report = await runBenchmarks(commandLine);
  process.stdout.write(`${formatReport(report)}\n`);
  if (commandLine.json !== undefined) writeFileSync(commandLine.json, `${JSON.stringify(report, undefined, 2)}\n`);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function runBenchmarks({ names, rounds, seconds, profile }: CommandLine): Promise<Report> {
  const [processor] = cpus();
  const machine = { cores: cpus().length, processor: processor?.model ?? 'unknown', node: process.versions.node, platform: `${process.platform}-${process.arch}` };
  const figures: (Figure | Skipped)[] = [];
  for (const [name, benchmark] of BENCHMARKS) {
    if (names.length > 0 && !names.includes(name)) continue;
    // Each begins on a quiet machine: what the one before it started is gone.
    current = new Cleanup();
    const directory = mkdtempSync(join(tmpdir(), 'uma-benchmark-'));
    current.push(async () => rmSync(directory, { recursive: true, force: true }));
    try {
      figures.push(...(await benchmark({ rounds, seconds, directory, cleanup: current, say, profileDirectory: profile === undefined ? undefined : resolve(profile) })));
    } finally {
      await current.run();
    }
  }
  return { machine, rounds, seconds, figures };
}
