import type { CallContext } from './call-context.ts';
import type { Deadline } from './deadline.ts';
import { earliestPoll, pollIntervalSeconds } from './need-info.ts';
import type { UmaFetchOptions } from './options.ts';
import type { Redeemed } from './redeem-ticket.ts';
import { UmaError, type SubmittedRequest } from './uma-error.ts';
import { waitWithTimer } from './wait.ts';

/** The time that one call may spend on waiting for the owner's decision; it does not count against the deadline of the servers. */
export class OwnerPatience {
  readonly #options: UmaFetchOptions;
  readonly #context: CallContext;
  readonly #deadline: Deadline;
  #leftMs: number;
  #waitedFor: SubmittedRequest | undefined;

  constructor(options: UmaFetchOptions, context: CallContext, deadline: Deadline) {
    this.#options = options;
    this.#context = context;
    this.#deadline = deadline;
    this.#leftMs = options.ownerPatienceMs ?? 0;
  }

  /**
   * Waits until the request may be asked about again (G40: never earlier than `interval` says).
   * @param seconds how long, at least
   * @throws UmaError `request_submitted` with all that `resume` needs when that takes longer than there is patience; the abort reason
   */
  async waitFor(submitted: SubmittedRequest, seconds: number): Promise<void> {
    this.#waitedFor = submitted;
    const milliseconds = seconds * 1000;
    if (milliseconds > this.#leftMs) throw new UmaError('request_submitted', { step: 8, status: 403, oauthError: 'request_submitted', submitted });
    this.#leftMs -= milliseconds;
    if (milliseconds === 0) return;
    this.#options.onSubmitted?.(submitted);
    const wait = this.#options.wait ?? waitWithTimer;
    await this.#deadline.pausedFor(() => wait(milliseconds, this.#context.signal));
  }

  /**
   * Sends a request; one that asks for a decision again after a 429 with `Retry-After`, since its ticket was not looked at.
   * @throws UmaError `rate_limited` when the server does not say when to come back, or nobody waits for a decision; as `waitFor`
   */
  async send(polls: boolean, request: () => Promise<Redeemed>): Promise<Redeemed> {
    for (;;) {
      try {
        return await request();
      } catch (error) {
        const seconds = error instanceof UmaError && error.code === 'rate_limited' ? error.retryAfterSeconds : undefined;
        if (!polls || seconds === undefined || this.#waitedFor === undefined) throw error;
        const pause = Math.max(seconds, pollIntervalSeconds(this.#waitedFor.intervalSeconds));
        await this.waitFor({ ...this.#waitedFor, earliestAt: earliestPoll(this.#context.clock.now(), pause) }, pause);
      }
    }
  }
}
