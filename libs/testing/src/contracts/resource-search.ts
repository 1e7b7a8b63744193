import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientId, Resource, ResourceCriteria } from '@uma-federation/uma-core';
import type { AsRoStoresUnderTest, MakeStores, StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { exampleResource, exampleShare, freshId } from './store-examples.ts';

const ALL = { offset: 0, limit: 100 };

/**
 * The guarantees of `ResourceSearch`.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeResourceSearch(implementation: string, makeStores: MakeStores): void {
  describe(`resource search: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    let first: StoresOfOneReplica;
    let resourceServer: ClientId;
    let note: Resource;
    let album: Resource;
    beforeAll(async () => {
      stores = await makeStores();
      [first] = stores.replicas;
      resourceServer = freshId<ClientId>('rs-');
      note = exampleResource({ resourceServer, name: 'note', type: 'urn:note', uri: 'https://rs.example/notes/1', scopes: ['view', 'edit'] });
      album = exampleResource({ resourceServer, name: 'album', type: 'urn:album', uri: 'https://rs.example/albums/*', scopes: ['view'] });
      // The same description at another resource server is never found.
      for (const resource of [note, album, exampleResource({ name: 'note', type: 'urn:note', uri: 'https://rs.example/notes/1' })]) await first.resources.create(resource);
    });
    afterAll(() => stores.dispose());

    const search = (criteria: ResourceCriteria, page = ALL) => first.resourceSearch.search(resourceServer, criteria, page);

    it('finds by each member and by several at once, oldest first, only what this resource server registered', async () => {
      expect(await search({})).toEqual([note, album]);
      const rows: [ResourceCriteria, readonly Resource[]][] = [
        [{ id: note.id }, [note]],
        [{ name: 'album' }, [album]],
        [{ uris: ['https://rs.example/notes/1', 'https://rs.example/albums/*'] }, [note, album]],
        [{ uris: [] }, []],
        [{ owner: note.owner }, [note]],
        [{ type: 'urn:album' }, [album]],
        [{ scope: 'view' }, [note, album]],
        [{ scope: 'edit', name: 'note' }, [note]],
        [{ scope: 'edit', name: 'album' }, []],
      ];
      for (const [criteria, expected] of rows) expect(await search(criteria)).toEqual(expected);
    });

    it('compares texts whole: no prefix, no pattern, no other case [F33]', async () => {
      for (const text of ['not', 'note ', 'NOTE', '%', '*', 'n_te', '']) {
        for (const criteria of [{ name: text }, { type: text }, { id: text }, { owner: text }, { scope: text }, { uris: [text] }]) expect(await search(criteria)).toEqual([]);
      }
      expect(await search({ uris: ['https://rs.example/albums/7'] })).toEqual([]);
    });

    it('gives pages', async () => {
      expect(await search({}, { offset: 0, limit: 1 })).toEqual([note]);
      expect(await search({}, { offset: 1, limit: 1 })).toEqual([album]);
      expect(await search({}, { offset: 2, limit: 1 })).toEqual([]);
    });

    it('finds what a share may open to somebody: to them, to their domain, to anyone, to whoever comes', async () => {
      const server = freshId<ClientId>('rs-');
      const [forBob, forDomain, forAnyone, forAll, forNobody] = Array.from({ length: 5 }, () => exampleResource({ resourceServer: server }));
      if (forBob === undefined || forDomain === undefined || forAnyone === undefined || forAll === undefined || forNobody === undefined) throw new Error('five were made');
      for (const resource of [forBob, forDomain, forAnyone, forAll, forNobody]) await first.resources.create(resource);
      await first.shares.create(exampleShare(forBob, { grantee: { kind: 'person', email: 'bob@bar.example' } }));
      await first.shares.create(exampleShare(forDomain, { grantee: { kind: 'domain', domain: 'bar.example' } }));
      await first.shares.create(exampleShare(forAnyone));
      await first.shares.create(exampleShare(forAnyone));
      await first.shares.create(exampleShare(forAll, { grantee: { kind: 'unidentified' } }));
      const sharedWith = (email: string | undefined) => first.resourceSearch.search(server, { sharedWith: { email } }, ALL);
      expect(await sharedWith('bob@bar.example')).toEqual([forBob, forDomain, forAnyone, forAll]);
      expect(await sharedWith('Bob@bar.example')).toEqual([forDomain, forAnyone, forAll]);
      expect(await sharedWith('bob@sub.bar.example')).toEqual([forAnyone, forAll]);
      expect(await sharedWith(undefined)).toEqual([forAll]);
    });
  });
}
