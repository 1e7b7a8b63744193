/** What has to be stopped or removed at the end, latest first, however the run ends. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = [];
  #running: Promise<void> | undefined;

  /** Adds a step; what is started while everything is being stopped is stopped at once. One that fails does not keep the others from running. */
  push(step: () => Promise<unknown>): void {
    this.#steps.push(step);
    if (this.#running !== undefined) this.#running = this.#running.then(() => this.#runAll());
  }

  /** Runs every step, once. Callers after the first wait for the same run. */
  run(): Promise<void> {
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async #runAll(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await step().catch(() => undefined);
  }
}
