import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientId, ConsentId } from '@uma-federation/uma-core';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores, type StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { EXAMPLE_TIME, freshId } from './store-examples.ts';

/**
 * The guarantees of `ResourceServerConsents`.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeResourceServerConsents(implementation: string, makeStores: MakeStores): void {
  describe(`consents to resource servers: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    let first: StoresOfOneReplica;
    beforeAll(async () => {
      stores = await makeStores();
      [first] = stores.replicas;
    });
    afterAll(() => stores.dispose());

    const pair = () => ({ owner: `${freshId<string>('alice-')}@foo.example`, resourceServer: freshId<ClientId>('rs-') });
    const id = () => freshId<ConsentId>('cns_');
    const auditOf = async ({ owner, resourceServer }: ReturnType<typeof pair>) =>
      (await stores.audit()).filter(({ data }) => data['owner'] === owner && data['resource_server'] === resourceServer).map(({ event, data }) => [event, data['consent']]);

    it('are made at the first use, and used after that: one for each owner and RS', async () => {
      const between = pair();
      const fresh = id();
      expect(await first.consents.use({ ...between, fresh, now: EXAMPLE_TIME })).toBe(fresh);
      expect(await first.consents.use({ ...between, fresh: id(), now: EXAMPLE_TIME + 5 })).toBe(fresh);
      expect(await first.consents.use({ ...between, fresh: id(), now: EXAMPLE_TIME + 3 })).toBe(fresh);
      expect(await first.consents.listByOwner(between.owner)).toEqual([{ ...between, id: fresh, since: EXAMPLE_TIME, lastUsedAt: EXAMPLE_TIME + 5 }]);
      expect(await auditOf(between)).toEqual([['consent_given', fresh]]);
    });

    it('hold for exactly that owner, that RS and that id [F5]', async () => {
      const [between, other] = [pair(), pair()];
      const fresh = id();
      await first.consents.use({ ...between, fresh, now: EXAMPLE_TIME });
      await first.consents.use({ ...other, fresh: id(), now: EXAMPLE_TIME });
      expect(await first.consents.holds({ ...between, id: fresh })).toBe(true);
      for (const wrong of [{ id: id() }, { owner: other.owner }, { resourceServer: other.resourceServer }, { owner: between.owner.toUpperCase() }]) {
        expect(await first.consents.holds({ ...between, id: fresh, ...wrong })).toBe(false);
      }
    });

    it('end for good: neither held nor used any more, but listed, until the owner allows the RS again', async () => {
      const between = pair();
      const [before, after] = [id(), id()];
      await first.consents.use({ ...between, fresh: before, now: EXAMPLE_TIME });
      expect(await first.consents.end(between.owner, between.resourceServer, EXAMPLE_TIME + 1)).toBe(true);
      expect(await first.consents.end(between.owner, between.resourceServer, EXAMPLE_TIME + 9)).toBe(true);
      expect(await first.consents.holds({ ...between, id: before })).toBe(false);
      expect(await first.consents.use({ ...between, fresh: id(), now: EXAMPLE_TIME + 2 })).toBeUndefined();
      expect(await first.consents.listByOwner(between.owner)).toEqual([{ ...between, id: before, since: EXAMPLE_TIME, lastUsedAt: EXAMPLE_TIME, endedAt: EXAMPLE_TIME + 1 }]);

      const again = { ...between, id: after, since: EXAMPLE_TIME + 10 };
      expect(await first.consents.allow(between.owner, between.resourceServer, after, EXAMPLE_TIME + 10)).toEqual(again);
      expect(await first.consents.holds({ ...between, id: before })).toBe(false);
      expect(await first.consents.holds({ ...between, id: after })).toBe(true);
      expect(await first.consents.allow(between.owner, between.resourceServer, id(), EXAMPLE_TIME + 11)).toEqual(again);
      expect(await first.consents.use({ ...between, fresh: id(), now: EXAMPLE_TIME + 12 })).toBe(after);
      expect(await auditOf(between)).toEqual([['consent_given', before], ['consent_ended', before], ['consent_given', after]]);
    });

    it('cannot be ended or allowed where there is none', async () => {
      const [between, other] = [pair(), pair()];
      await first.consents.use({ ...between, fresh: id(), now: EXAMPLE_TIME });
      for (const [owner, server] of [[other.owner, between.resourceServer], [between.owner, other.resourceServer]] as const) {
        expect(await first.consents.end(owner, server, EXAMPLE_TIME)).toBe(false);
        expect(await first.consents.allow(owner, server, id(), EXAMPLE_TIME)).toBeUndefined();
        expect(await first.consents.listByOwner(other.owner)).toEqual([]);
      }
    });

    it(`are one, however many first uses race (${PARALLEL})`, async () => {
      const between = pair();
      const used = await race(stores, PARALLEL, ({ consents }) => consents.use({ ...between, fresh: id(), now: EXAMPLE_TIME }));
      expect(new Set(used).size).toBe(1);
      expect(await auditOf(between)).toHaveLength(1);
    });

    it('give no id after the owner has ended them, however uses and the end race', async () => {
      const between = pair();
      const fresh = id();
      await first.consents.use({ ...between, fresh, now: EXAMPLE_TIME });
      await race(stores, PARALLEL, async ({ consents }, index) => {
        if (index === PARALLEL / 2) await consents.end(between.owner, between.resourceServer, EXAMPLE_TIME);
        else await consents.use({ ...between, fresh: id(), now: EXAMPLE_TIME });
      });
      for (const { consents } of stores.replicas) {
        expect(await consents.holds({ ...between, id: fresh })).toBe(false);
        expect(await consents.use({ ...between, fresh: id(), now: EXAMPLE_TIME })).toBeUndefined();
      }
    });
  });
}
