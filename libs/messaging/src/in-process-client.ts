import { BusClient, type BusClientLimits, type OutgoingMessage } from './bus-client.ts';
import type { InProcessQueue } from './in-process-queue.ts';
import { encodeRequest } from './request-message.ts';

/** A client on the in-process bus. */
export class InProcessClient extends BusClient {
  readonly #queue: InProcessQueue;

  constructor(queue: InProcessQueue, limits: BusClientLimits) {
    super(limits);
    this.#queue = queue;
  }

  override async connect(): Promise<void> {}

  /** There is no broker underneath. */
  unwrap<T = undefined>(): T {
    return undefined as T;
  }

  protected override async transmit({ timeoutMs, ...message }: OutgoingMessage): Promise<void> {
    const text = encodeRequest({ ...message, replyTo: 'in-process', deadline: performance.now() + timeoutMs });
    this.#queue.post({ text, reply: (answer) => this.receive(answer) });
  }
}
