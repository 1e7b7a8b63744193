import { BaseRpcContext } from '@nestjs/microservices';
import type { RequestMessage } from './request-message.ts';

/** What a handler may know of its request besides the data: `@Ctx() context: RequestContext`. */
export class RequestContext extends BaseRpcContext<[message: RequestMessage, deliveries: number]> {
  readonly #now: () => number;

  /**
   * @param delivery how many times the request has been handed to a replica, this time included
   * @param now milliseconds on the clock of the bus
   */
  constructor(message: RequestMessage, deliveries: number, now: () => number) {
    super([message, deliveries]);
    this.#now = now;
  }

  /** The same for every delivery of a request and every try of its caller: record it with what must happen once. */
  get messageId(): string {
    return this.args[0].id;
  }

  get pattern(): string {
    return this.args[0].pattern;
  }

  /** 1 for the first; more when the replica that had the request before died or could not answer. */
  get deliveries(): number {
    return this.args[1];
  }

  /** Trace ids and the like of the caller. */
  get metadata(): Readonly<Record<string, string>> {
    return this.args[0].metadata;
  }

  /** Milliseconds until nobody waits for the answer any more; not above 0 when that is so already. */
  remainingMs(): number {
    return this.args[0].deadline - this.#now();
  }
}
