import { encodeEvent, type DomainEvent, type DomainEventOf, type DomainEventType } from './domain-event.ts';
import { EventHandlers } from './event-handlers.ts';
import type { EventPublisher, EventSubscriber } from './events.ts';

/** Events for services that live in one process. */
export class InProcessEvents implements EventPublisher, EventSubscriber {
  readonly #handlers = new EventHandlers();

  async publish(event: DomainEvent): Promise<boolean> {
    this.#handlers.receive(encodeEvent(event));
    return true;
  }

  on<T extends DomainEventType>(type: T, handler: (event: DomainEventOf<T>) => unknown): () => void {
    return this.#handlers.add(type, handler);
  }

  /** Listening has begun already. */
  onResumed(handler: () => unknown): () => void {
    this.#handlers.invoke(handler, undefined);
    return () => undefined;
  }
}
