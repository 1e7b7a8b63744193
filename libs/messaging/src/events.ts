import type { DomainEvent, DomainEventOf, DomainEventType } from './domain-event.ts';

/** Tells every replica of the domain. */
export interface EventPublisher {
  /**
   * Publishes an event, at most once. It may get lost on the way to any replica, and that must not matter beyond a bound:
   * an event only hastens what a replica learns anyway, from the revocation feed or because a token expires.
   * @returns whether it was handed over; false is no reason to undo what it tells of
   * @throws TypeError when the event has a member missing or of the wrong form
   */
  publish(event: DomainEvent): Promise<boolean>;
}

/** Hears what others publish. */
export interface EventSubscriber {
  /**
   * Calls the handler for each event of a type. A handler may run for an event it has heard before; what it throws is logged.
   * @returns a function that ends this
   */
  on<T extends DomainEventType>(type: T, handler: (event: DomainEventOf<T>) => unknown): () => void;
  /**
   * Calls the handler each time that listening has begun (again): events before that were missed, so ask the feed now.
   * @returns a function that ends this
   */
  onResumed(handler: () => unknown): () => void;
}
