import { describe, expect, it } from '@jest/globals';
import { until } from '@uma-federation/testing';
import type { Issuer } from '@uma-federation/uma-core';
import type { DomainEvent, EventPublisher, EventSubscriber } from '../src/index.ts';
import { exampleEvents } from './example-events.ts';

/** Ways to publish and to hear; all of one test belong to the same domain, and listening has begun when `subscriber` returns. */
export interface EventsUnderTest {
  publisher(): Promise<EventPublisher>;
  subscriber(): Promise<EventSubscriber>;
}

/** The rules that hold for events however they travel. */
export function describeEvents(name: string, events: EventsUnderTest): void {
  describe(name, () => {
    it('brings an event of each type to every subscriber, whoever published it', async () => {
      const subscribers = await Promise.all([events.subscriber(), events.subscriber(), events.subscriber()]);
      const heard = subscribers.map((subscriber) => {
        const told: DomainEvent[] = [];
        for (const { type } of exampleEvents()) subscriber.on(type, (event) => told.push(event));
        return told;
      });
      const publishers = [await events.publisher(), await events.publisher()];
      for (const [place, event] of exampleEvents().entries()) expect(await publishers[place % 2]?.publish(event)).toBe(true);
      for (const told of heard) {
        await until('all are heard', () => told.length === exampleEvents().length);
        expect(new Map(told.map((event) => [event.type, event]))).toEqual(new Map(exampleEvents().map((event) => [event.type, event])));
      }
    });

    it('calls each handler of a type until it is taken away, and not those of other types', async () => {
      const [revoked, , changed] = exampleEvents();
      const subscriber = await events.subscriber();
      const publisher = await events.publisher();
      const calls: string[] = [];
      const end = subscriber.on('rpt-revoked', () => calls.push('ended'));
      subscriber.on('rpt-revoked', () => calls.push('kept'));
      subscriber.on('share-changed', () => calls.push('other'));
      end();
      await publisher.publish(revoked);
      await publisher.publish(changed);
      await until('both events are heard', () => calls.includes('other'));
      expect(calls).toEqual(['kept', 'other']);
    });

    it('goes on when a handler throws or rejects', async () => {
      const [revoked] = exampleEvents();
      const subscriber = await events.subscriber();
      const heard: string[] = [];
      subscriber.on('rpt-revoked', () => {
        throw new Error('a fault');
      });
      subscriber.on('rpt-revoked', async () => Promise.reject(new Error('a fault')));
      subscriber.on('rpt-revoked', () => heard.push('heard'));
      await (await events.publisher()).publish(revoked);
      await until('the third handler has run', () => heard.length === 1);
    });

    it('tells a late listener at once that listening has begun', async () => {
      const subscriber = await events.subscriber();
      await new Promise<void>((resolve) => subscriber.onResumed(resolve));
    });

    it('publishes the members of an event and no others, and refuses one that lacks some', async () => {
      const [revoked, client] = exampleEvents();
      const subscriber = await events.subscriber();
      const heard: DomainEvent[] = [];
      subscriber.on('client-revoked', (event) => heard.push(event));
      const publisher = await events.publisher();
      const more = { ...client, email: 'bob@globex.example' };
      await publisher.publish(more);
      await until('it is heard', () => heard.length === 1);
      expect(heard).toEqual([client]);
      await expect(publisher.publish({ ...revoked, issuer: '' as Issuer })).rejects.toThrow(TypeError);
      await expect(publisher.publish({ type: 'unknown' } as never)).rejects.toThrow(TypeError);
    });
  });
}
