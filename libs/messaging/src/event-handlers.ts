import { Logger } from '@nestjs/common';
import { decodeEvent, type DomainEventOf, type DomainEventType } from './domain-event.ts';

type Handler = (event: never) => unknown;

/** The handlers of one subscriber. */
export class EventHandlers {
  readonly #logger = new Logger('events');
  readonly #byType = new Map<string, Set<Handler>>();

  /** @returns a function that takes the handler away again */
  add<T extends DomainEventType>(type: T | 'resumed', handler: (event: DomainEventOf<T>) => unknown): () => void {
    // A function of its own, so that the same handler may be added twice.
    const own: Handler = (event: DomainEventOf<T>) => handler(event);
    const handlers = this.#byType.get(type) ?? new Set();
    this.#byType.set(type, handlers.add(own));
    return () => void handlers.delete(own);
  }

  /** Runs the handlers of an event as it travels; what is no event known here is passed over. */
  receive(text: string): void {
    const event = decodeEvent(text);
    if (event !== undefined) this.#run(event.type, event);
  }

  resumed(): void {
    this.#run('resumed', undefined);
  }

  /** Runs one handler, which stands for itself: neither an exception nor a rejection of it is felt by others. */
  invoke<T>(handler: (event: T) => unknown, event: T): void {
    Promise.resolve(event)
      .then(handler)
      .catch((error: unknown) => this.#logger.error(error));
  }

  #run(type: string, event: unknown): void {
    for (const handler of this.#byType.get(type) ?? []) this.invoke(handler, event as never);
  }
}
