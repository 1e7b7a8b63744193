import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Issuer, TokenId } from '@uma-federation/uma-core';
import { testEnvironment } from '../test-environment.ts';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores } from './as-ro-stores-under-test.ts';
import { AS_RO, EXAMPLE_TIME, freshId } from './store-examples.ts';

const FULL_RUN_MS = 120_000;

/**
 * The guarantees of `TicketLedger`.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeTicketLedger(implementation: string, makeStores: MakeStores): void {
  const tickets = testEnvironment().full ? 1000 : 20;

  describe(`ticket ledger: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    const exampleTicket = (issuer = AS_RO) => ({ issuer, tokenId: freshId<TokenId>('pt-'), expiresAt: EXAMPLE_TIME + 300 });
    beforeAll(async () => {
      stores = await makeStores();
    });
    afterAll(() => stores.dispose());

    it('gives a ticket to its first presenter and to nobody after [G58, G59]', async () => {
      const [{ tickets: ledger }] = stores.replicas;
      const ticket = exampleTicket();
      expect(await ledger.take(ticket)).toBe(true);
      expect(await ledger.take(ticket)).toBe(false);
      expect(await ledger.take(exampleTicket())).toBe(true);
    });

    it('knows a ticket by (issuer, jti) alone, whatever else is said of it', async () => {
      const [{ tickets: ledger }] = stores.replicas;
      const ticket = exampleTicket();
      expect(await ledger.take(ticket)).toBe(true);
      expect(await ledger.take({ ...ticket, expiresAt: ticket.expiresAt + 1 })).toBe(false);
      expect(await ledger.take({ ...ticket, issuer: `${ticket.issuer}/tenant` as Issuer })).toBe(true);
      expect(await ledger.take({ ...ticket, tokenId: ticket.tokenId.toUpperCase() as TokenId })).toBe(true);
    });

    it('does not confuse pairs of issuer and jti that read alike when they are joined', async () => {
      const [{ tickets: ledger }] = stores.replicas;
      const jti = freshId<string>('');
      const pairs = [['https://as.example/a', `b${jti}`], ['https://as.example/ab', jti], ['https://as.example/a","b', jti], ['https://as.example/a', `","b${jti}`]];
      for (const [issuer, tokenId] of pairs) {
        expect(await ledger.take({ issuer: issuer as Issuer, tokenId: tokenId as TokenId, expiresAt: EXAMPLE_TIME })).toBe(true);
      }
    });

    it('remembers a ticket that is at its expiry or past it: verifiers allow a minute of skew', async () => {
      const [{ tickets: ledger }] = stores.replicas;
      for (const expiresAt of [EXAMPLE_TIME, EXAMPLE_TIME - 59]) {
        const ticket = { ...exampleTicket(), expiresAt };
        expect(await ledger.take(ticket)).toBe(true);
        expect(await ledger.take(ticket)).toBe(false);
      }
    });

    describe('A16 ticket replay and race', () => {
      it(`gives a ticket to exactly one of ${PARALLEL} parallel presenters`, async () => {
        const ticket = exampleTicket();
        const taken = await race(stores, PARALLEL, ({ tickets: ledger }) => ledger.take(ticket));
        expect(taken.filter(Boolean)).toHaveLength(1);
        expect(await stores.replicas[0].tickets.take(ticket)).toBe(false);
      });

      it(
        `gives ${tickets} tickets, each presented ${PARALLEL} times in parallel, to exactly ${tickets} presenters`,
        async () => {
          const winners = new Map<string, number>();
          for (let index = 0; index < tickets; index += 1) {
            const ticket = exampleTicket();
            const taken = await race(stores, PARALLEL, ({ tickets: ledger }) => ledger.take(ticket));
            winners.set(ticket.tokenId, taken.filter(Boolean).length);
          }
          expect(winners.size).toBe(tickets);
          expect([...winners.values()].every((count) => count === 1)).toBe(true);
        },
        FULL_RUN_MS,
      );
    });
  });
}
