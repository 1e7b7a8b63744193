import type { Logger } from '@uma-federation/nest-kit';
import type { Timers } from './timers.ts';

/** Work that has to be done once soon, and again from time to time. */
export interface UpkeepTask {
  /** For the log. */
  readonly name: string;
  /** Pause after a success, in milliseconds. */
  readonly intervalMs: number;
  /** Longest pause after failures, in milliseconds. Default: 30,000. */
  readonly longestRetryMs?: number | undefined;
  /** Rejects when it has to be tried again sooner. */
  run(): Promise<void>;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** However often it is hastened, the task rests for so long between two runs. */
const HASTENED_PAUSE_MS = 50;

/** Repeats a task in the background: after failures with growing pauses, after successes at its interval. */
export class Upkeep {
  readonly #task: UpkeepTask;
  readonly #timers: Timers;
  readonly #logger: Logger;
  /** Resolves when the task succeeded for the first time. */
  readonly succeeded: Promise<void>;
  #succeed!: () => void;
  #hasSucceeded = false;
  #cancel: (() => void) | undefined;
  #stopped = false;
  #failures = 0;
  #running = false;
  #hastened = false;
  #soon = false;

  constructor(task: UpkeepTask, dependencies: { readonly timers: Timers; readonly logger: Logger }) {
    this.#task = task;
    this.#timers = dependencies.timers;
    this.#logger = dependencies.logger;
    this.succeeded = new Promise((resolve) => {
      this.#succeed = resolve;
    });
  }

  /** Whether the task succeeded at least once. */
  get hasSucceeded(): boolean {
    return this.#hasSucceeded;
  }

  /** Whether the task was tried at least once, whatever came of it. */
  get hasRun(): boolean {
    return this.#hasSucceeded || this.#failures > 0;
  }

  /** Begins, with the first run at once; resolves after that run, whatever came of it. */
  async start(): Promise<void> {
    await this.#round();
  }

  /** Runs the task now instead of after the pause; when it is running, once more soon after. Before `start` it does nothing. */
  hasten(): void {
    if (this.#running) this.#hastened = true;
    else if (this.#cancel !== undefined && !this.#soon) {
      this.#cancel();
      void this.#round();
    }
  }

  /** No further run begins. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #round(): Promise<void> {
    if (this.#stopped) return;
    let pauseMs = this.#task.intervalMs;
    this.#running = true;
    try {
      await this.#task.run();
      this.#failures = 0;
      this.#hasSucceeded = true;
      this.#succeed();
    } catch (error) {
      pauseMs = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, this.#task.longestRetryMs ?? LONGEST_RETRY_MS);
      this.#failures += 1;
      this.#logger.warn({ err: error, task: this.#task.name, retryMs: pauseMs }, 'will be tried again');
    }
    this.#running = false;
    if (this.#stopped) return;
    this.#soon = this.#hastened;
    this.#hastened = false;
    if (this.#soon) pauseMs = HASTENED_PAUSE_MS;
    this.#cancel = this.#timers.after(pauseMs, () => void this.#round());
  }
}
