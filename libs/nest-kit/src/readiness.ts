/** Something a service needs in order to work, for example its database. */
export interface ReadinessCheck {
  readonly name: string;
  /** An answer that takes longer counts as no. */
  readonly deadlineMs: number;
  /** Resolves when the thing is there, rejects when not. */
  check(): Promise<unknown>;
}

/** Whether the service can take requests, and why not. */
export interface ReadinessReport {
  readonly ready: boolean;
  readonly draining: boolean;
  readonly checks: Readonly<Record<string, 'up' | 'down'>>;
}

/** Knows whether a service can take requests: its checks answer in time and it is not draining. */
export class Readiness {
  readonly #checks: ReadinessCheck[] = [];
  #draining = false;

  get draining(): boolean {
    return this.#draining;
  }

  /** Adds a check; all checks run at the same time. */
  add(check: ReadinessCheck): void {
    this.#checks.push(check);
  }

  /** From now on the service is not ready: it finishes what it has and takes nothing new. */
  drain(): void {
    this.#draining = true;
  }

  /** Runs the checks. Never rejects. */
  async report(): Promise<ReadinessReport> {
    const results = await Promise.all(this.#checks.map(async (check) => [check.name, await answers(check)] as const));
    const checks = Object.fromEntries(results.map(([name, up]) => [name, up ? 'up' : 'down'] as const));
    return { ready: !this.#draining && results.every(([, up]) => up), draining: this.#draining, checks };
  }
}

async function answers(check: ReadinessCheck): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, check.deadlineMs, false);
  });
  const answer = Promise.resolve()
    .then(() => check.check())
    .then(
      () => true,
      () => false,
    );
  const up = await Promise.race([answer, tooLate]);
  clearTimeout(timer);
  return up;
}
