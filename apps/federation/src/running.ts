/** Something that was started and can be stopped. */
export interface Running {
  stop(): Promise<void>;
}

/** Things that were started one after the other, and are stopped in reverse; a failure to stop one does not keep the others. */
export class RunningStack implements Running {
  readonly #running: Running[] = [];

  push(running: Running): void {
    this.#running.push(running);
  }

  /** Stops everything, last started first. @throws the first failure, after everything was tried */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    for (const running of this.#running.splice(0).reverse()) {
      await running.stop().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }
}
