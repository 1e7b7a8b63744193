import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientId, ResourceId } from '@uma-federation/uma-core';
import type { AsRoStoresUnderTest, MakeStores, StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { exampleGrant, exampleResource, exampleShare, freshId } from './store-examples.ts';

const FULL_DESCRIPTION = {
  name: 'Holiday "photos" <2026>; DROP TABLE',
  description: 'ünïcödé \u{1F33B}',
  iconUri: 'https://photos.foo.example/icon.png',
  type: 'https://photos.foo.example/types/album',
  uri: 'https://photos.foo.example/albums/1?a=b',
  localized: { 'name#de': 'Ferien', 'description#he': 'תמונות' },
};

/**
 * The guarantees of `ResourceRegistry`.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeResourceRegistry(implementation: string, makeStores: MakeStores): void {
  describe(`resource registry: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    let first: StoresOfOneReplica;
    beforeAll(async () => {
      stores = await makeStores();
      [first] = stores.replicas;
    });
    afterAll(() => stores.dispose());

    it('gives back what was registered, with every member and with none of the optional ones [F10]', async () => {
      for (const resource of [exampleResource(FULL_DESCRIPTION), exampleResource({ scopes: [] })]) {
        await first.resources.create(resource);
        expect(await first.resources.find(resource.id)).toEqual(resource);
      }
      expect(await first.resources.find('res_never-was' as ResourceId)).toBeUndefined();
    });

    it('refuses a second resource under the same id and keeps the first', async () => {
      const resource = exampleResource();
      await first.resources.create(resource);
      await expect(first.resources.create({ ...resource, owner: 'mallory@foo.example' })).rejects.toThrow();
      expect(await first.resources.find(resource.id)).toEqual(resource);
    });

    it('finds the known ones of many ids, and takes ids literally: no prefix, type or pattern [F33]', async () => {
      const resource = exampleResource({ id: freshId<ResourceId>('photo:1'), type: 'photo' });
      const other = exampleResource();
      for (const each of [resource, other]) await first.resources.create(each);
      const found = await first.resources.findAll([other.id, resource.id, 'res_never-was' as ResourceId]);
      expect([...found].sort((a, b) => a.id.localeCompare(b.id))).toEqual([resource, other].sort((a, b) => a.id.localeCompare(b.id)));
      const tricks = ['*', '%', 'photo', 'photo:1', 'type:photo', `${resource.id} `, resource.id.toUpperCase(), ''] as ResourceId[];
      expect(await first.resources.findAll(tricks)).toEqual([]);
      expect(await first.resources.findAll([])).toEqual([]);
    });

    it('replaces the whole description: optional members that are left out disappear [F11]', async () => {
      const resource = exampleResource(FULL_DESCRIPTION);
      await first.resources.create(resource);
      const { id, resourceServer, owner } = resource;
      const bare = { id, resourceServer, owner, scopes: ['edit'], localized: {} };
      expect(await first.resources.replace(bare)).toBe(true);
      expect(await first.resources.find(id)).toEqual(bare);
    });

    it('lets nobody but the registering resource server replace or remove a resource', async () => {
      const resource = exampleResource(FULL_DESCRIPTION);
      await first.resources.create(resource);
      const foreign = freshId<ClientId>('rs-');
      expect(await first.resources.replace({ ...resource, resourceServer: foreign, name: 'mine' })).toBe(false);
      expect(await first.resources.remove(resource.id, foreign)).toBe(false);
      expect(await first.resources.find(resource.id)).toEqual(resource);
      expect(await first.resources.replace(exampleResource())).toBe(false);
    });

    it('lists what a resource server registered, oldest first, and nothing of others [F13]', async () => {
      const resourceServer = freshId<ClientId>('rs-');
      const own = [exampleResource({ resourceServer }), exampleResource({ resourceServer }), exampleResource({ resourceServer })];
      for (const resource of [...own, exampleResource()]) await first.resources.create(resource);
      expect(await first.resources.listIds(resourceServer)).toEqual(own.map(({ id }) => id));
      expect(await first.resources.listIds(freshId<ClientId>('rs-'))).toEqual([]);
    });

    it('A29 lists and removes for one owner only, when an owner is named [F5, F13]', async () => {
      const resourceServer = freshId<ClientId>('rs-');
      const [alices, annas] = [exampleResource({ resourceServer }), exampleResource({ resourceServer })];
      for (const resource of [alices, annas]) await first.resources.create(resource);
      expect(await first.resources.listIds(resourceServer, annas.owner)).toEqual([annas.id]);
      expect(await first.resources.listIds(resourceServer, '')).toEqual([]);
      expect(await first.resources.remove(alices.id, resourceServer, annas.owner)).toBe(false);
      expect(await first.resources.remove(alices.id, resourceServer, alices.owner)).toBe(true);
      expect(await first.resources.listIds(resourceServer)).toEqual([annas.id]);
    });

    it('lists what belongs to an owner, oldest first, whoever registered it', async () => {
      const owner = `${freshId<string>('carol-')}@foo.example`;
      const own = [exampleResource({ owner }), exampleResource({ owner })];
      for (const resource of [...own, exampleResource()]) await first.resources.create(resource);
      expect(await first.resources.listByOwner(owner)).toEqual(own);
    });

    it('removes a resource with its shares and ends the grants on them [F12, F29]', async () => {
      const resource = exampleResource();
      await first.resources.create(resource);
      const shares = [exampleShare(resource), exampleShare(resource)];
      for (const share of shares) await first.shares.create(share);
      const grant = exampleGrant(shares);
      await first.grants.record(grant);
      expect(await first.resources.remove(resource.id, resource.resourceServer)).toBe(true);
      expect(await first.resources.find(resource.id)).toBeUndefined();
      expect(await first.shares.findByResources([resource.id])).toEqual([]);
      expect(await first.grants.isActive(grant.issuer, grant.tokenId, grant.issuedAt)).toBe(false);
      expect(await first.resources.remove(resource.id, resource.resourceServer)).toBe(false);
      const removed = (await stores.audit()).filter(({ event, data }) => event === 'share_removed' && data['resource'] === resource.id);
      expect(removed.map(({ data }) => data['share']).sort()).toEqual(shares.map(({ id }) => id).sort());
    });

    it('takes the shares of the former owner away when a resource changes its owner, and the grants on them', async () => {
      const resource = exampleResource();
      await first.resources.create(resource);
      const share = exampleShare(resource);
      await first.shares.create(share);
      const grant = exampleGrant([share]);
      await first.grants.record(grant);
      const heir = `${freshId<string>('dora-')}@foo.example`;
      expect(await first.resources.replace({ ...resource, owner: heir })).toBe(true);
      expect(await first.shares.findByResources([resource.id])).toEqual([]);
      expect(await first.grants.isActive(grant.issuer, grant.tokenId, grant.issuedAt)).toBe(false);
      expect(await first.shares.create(exampleShare({ ...resource, owner: heir }))).toBe(true);
    });

    it('keeps the shares and grants of a resource whose description is replaced under the same owner', async () => {
      const resource = exampleResource();
      await first.resources.create(resource);
      const share = exampleShare(resource);
      await first.shares.create(share);
      const grant = exampleGrant([share]);
      await first.grants.record(grant);
      expect(await first.resources.replace({ ...resource, name: 'renamed' })).toBe(true);
      expect(await first.shares.findByResources([resource.id])).toEqual([share]);
      expect(await first.grants.isActive(grant.issuer, grant.tokenId, grant.issuedAt)).toBe(true);
    });
  });
}
