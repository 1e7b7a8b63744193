import { BusServer } from './bus-server.ts';
import { InFlight } from './in-flight.ts';
import type { InProcessQueue, Job, Worker } from './in-process-queue.ts';
import { encodeReply } from './reply-message.ts';
import { RequestContext } from './request-context.ts';
import { decodeRequest } from './request-message.ts';

/** A replica on the in-process bus. */
export class InProcessServer extends BusServer implements Worker {
  readonly #queue: InProcessQueue;
  readonly #inFlight: InFlight;
  readonly #drainTimeoutMs: number;
  #taken = 0;

  constructor(queue: InProcessQueue, limits: { readonly maxConcurrent: number; readonly drainTimeoutMs: number }) {
    super();
    this.#queue = queue;
    this.#inFlight = new InFlight(limits.maxConcurrent);
    this.#drainTimeoutMs = limits.drainTimeoutMs;
  }

  listen(callback: (error?: Error) => void): void {
    this._status$.next('connected');
    this.#queue.join(this);
    callback();
  }

  async close(): Promise<void> {
    this.#queue.leave(this);
    await this.#inFlight.settled(this.#drainTimeoutMs);
  }

  /** There is no broker underneath. */
  unwrap<T = undefined>(): T {
    return undefined as T;
  }

  get hasRoom(): boolean {
    return this.#inFlight.free > 0;
  }

  accept(job: Job): void {
    this.#taken += 1;
    void this.#inFlight.start(String(this.#taken), () => this.#handle(job)).then(() => this.#queue.drain());
  }

  async #handle(job: Job): Promise<void> {
    const message = decodeRequest(job.text);
    if (message === undefined || message.deadline <= performance.now()) return;
    const outcome = await this.answer(message, new RequestContext(message, 1, () => performance.now()));
    job.reply(encodeReply(message.correlation, outcome));
  }
}
