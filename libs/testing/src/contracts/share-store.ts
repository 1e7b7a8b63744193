import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Resource, ResourceId, Share, ShareId } from '@uma-federation/uma-core';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores, type StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { EXAMPLE_TIME, exampleGrant, exampleResource, exampleShare } from './store-examples.ts';

const ROUNDS = 5;

/**
 * The guarantees of `ShareStore`.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeShareStore(implementation: string, makeStores: MakeStores): void {
  describe(`share store: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    let first: StoresOfOneReplica;
    beforeAll(async () => {
      stores = await makeStores();
      [first] = stores.replicas;
    });
    afterAll(() => stores.dispose());

    const registered = async (differences: Partial<Resource> = {}): Promise<Resource> => {
      const resource = exampleResource(differences);
      await first.resources.create(resource);
      return resource;
    };
    const auditOf = async ({ id }: Share) => (await stores.audit()).filter(({ data }) => data['share'] === id).map(({ event }) => event);

    it('gives back what was shared, with whomever and on whatever conditions', async () => {
      const resource = await registered();
      const shares = [
        exampleShare(resource, { grantee: { kind: 'person', email: "o'hara+x@bar.example" }, scopes: ['view', 'print'] }),
        exampleShare(resource, { grantee: { kind: 'domain', domain: 'xn--bcher-kva.example' }, notBefore: EXAMPLE_TIME, expiresAt: EXAMPLE_TIME + 1 }),
        exampleShare(resource, { scopes: [], conditions: { acrValues: ['urn:mfa', 'phr'], claims: { level: 3, groups: ['a', { b: null }], ok: true } } }),
      ];
      for (const share of shares) expect(await first.shares.create(share)).toBe(true);
      expect(await first.shares.findByResources([resource.id])).toEqual(shares);
      expect(await first.shares.listByOwner(resource.owner)).toEqual(shares);
    });

    it('finds expired shares too: whether one counts is the policy\'s to say', async () => {
      const resource = await registered();
      const share = exampleShare(resource, { expiresAt: 1, createdAt: 0 });
      await first.shares.create(share);
      expect(await first.shares.findByResources([resource.id])).toEqual([share]);
    });

    it('finds the shares of exactly the resources asked for', async () => {
      const [one, two, three] = [await registered(), await registered(), await registered()];
      const shares = [exampleShare(one), exampleShare(two), exampleShare(three)];
      for (const share of shares) await first.shares.create(share);
      expect(await first.shares.findByResources([two.id, one.id])).toEqual(shares.slice(0, 2));
      expect(await first.shares.findByResources(['%' as ResourceId, '' as ResourceId])).toEqual([]);
    });

    describe('A26 policy edit with foreign resource ids', () => {
      it('writes nothing for a resource of somebody else, or of nobody [F32]', async () => {
        const foreign = await registered();
        const own = await registered();
        const attempts = [
          exampleShare(foreign, { owner: own.owner }),
          exampleShare(own, { resourceId: 'res_never-was' as ResourceId }),
          exampleShare(own, { owner: own.owner.toUpperCase() }),
        ];
        for (const share of attempts) {
          expect(await first.shares.create(share)).toBe(false);
          expect(await auditOf(share)).toEqual([]);
        }
        expect(await first.shares.findByResources([foreign.id, own.id])).toEqual([]);
      });

      it('writes nothing for a scope that the resource does not have', async () => {
        const resource = await registered({ scopes: ['view'] });
        for (const scopes of [['print'], ['view', 'print'], ['View'], ['']]) expect(await first.shares.create(exampleShare(resource, { scopes }))).toBe(false);
        expect(await first.shares.findByResources([resource.id])).toEqual([]);
      });
    });

    it('puts the making and the removing of a share on the record', async () => {
      const resource = await registered();
      const share = exampleShare(resource);
      await first.shares.create(share);
      await first.shares.remove(share.id, share.owner);
      expect(await auditOf(share)).toEqual(['share_created', 'share_removed']);
    });

    it('lets nobody but the owner remove a share', async () => {
      const resource = await registered();
      const share = exampleShare(resource);
      await first.shares.create(share);
      const grant = exampleGrant([share]);
      await first.grants.record(grant);
      expect(await first.shares.remove(share.id, 'mallory@foo.example')).toBe(false);
      expect(await first.shares.remove('shr_never-was' as ShareId, share.owner)).toBe(false);
      expect(await first.shares.findByResources([resource.id])).toEqual([share]);
      expect(await first.grants.isActive(grant.issuer, grant.tokenId, grant.issuedAt)).toBe(true);
    });

    it(`lets exactly one of ${PARALLEL} parallel removals of a share succeed`, async () => {
      const share = exampleShare(await registered());
      await first.shares.create(share);
      const removed = await race(stores, PARALLEL, ({ shares }) => shares.remove(share.id, share.owner));
      expect(removed.filter(Boolean)).toHaveLength(1);
      expect(await auditOf(share)).toEqual(['share_created', 'share_removed']);
    });

    it('leaves no share behind on a resource that goes, or changes its owner, while shares are made', async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const [going, changing] = [await registered(), await registered()];
        const heir = `heir-of-${changing.owner}`;
        await race(stores, PARALLEL, async ({ resources, shares }, index) => {
          if (index === PARALLEL / 2) return resources.remove(going.id, going.resourceServer);
          if (index === PARALLEL / 2 + 1) return resources.replace({ ...changing, owner: heir });
          return shares.create(exampleShare(index % 2 === 0 ? going : changing));
        });
        expect(await first.shares.findByResources([going.id, changing.id])).toEqual([]);
        expect((await first.resources.find(changing.id))?.owner).toBe(heir);
      }
    });
  });
}
