import type { Cleanup } from './cleanup.ts';
import type { Figure, Skipped } from './figure.ts';

/** A run of the benchmarks. */
export interface BenchmarkRun {
  /** Interleaved rounds per comparison. */
  readonly rounds: number;
  /** Seconds of load per round and side. */
  readonly seconds: number;
  /** A folder for configurations, keys and logs; removed at the end. */
  readonly directory: string;
  /** Everything that a benchmark starts is put in here at once. */
  readonly cleanup: Cleanup;
  /** A folder where the services leave their CPU profiles, if profiles are wanted. */
  readonly profileDirectory?: string | undefined;
  /** Tells the person who waits what is going on. */
  say(line: string): void;
}

/** Measures, and gives the lines of the table. */
export type Benchmark = (run: BenchmarkRun) => Promise<readonly (Figure | Skipped)[]>;
