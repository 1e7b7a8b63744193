import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientId, GrantRecord, RevocationFeed, ShareId, TokenId } from '@uma-federation/uma-core';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores, type StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { EXAMPLE_TIME, exampleGrant, exampleRefreshToken, exampleResource, exampleShare, freshId } from './store-examples.ts';

/**
 * The guarantees of `RevocationFeed`.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeRevocationFeed(implementation: string, makeStores: MakeStores): void {
  describe(`revocation feed: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    let first: StoresOfOneReplica;
    beforeAll(async () => {
      stores = await makeStores();
      [first] = stores.replicas;
    });
    afterAll(() => stores.dispose());

    /** A share with an RPT that rests on it, for one RS. */
    const granted = async (resourceServer: ClientId, differences: Partial<GrantRecord> = {}) => {
      const resource = exampleResource({ resourceServer });
      await first.resources.create(resource);
      const share = exampleShare(resource);
      await first.shares.create(share);
      const grant = exampleGrant([share], { resourceServer, ...differences });
      expect(await first.grants.record(grant)).toBe('recorded');
      return { resource, share, grant };
    };
    const server = (): ClientId => freshId<ClientId>('rs-');

    it('tells the RPTs of a share that was taken back, also when its resource was removed, and no others [G67]', async () => {
      const rs = server();
      const [withdrawn, removed, kept] = [await granted(rs), await granted(rs), await granted(rs)];
      const before = await first.revocations.read(rs, undefined, EXAMPLE_TIME);
      expect(before).toMatchObject({ revoked: [], more: false });
      await first.shares.remove(withdrawn.share.id, withdrawn.share.owner);
      await first.resources.remove(removed.resource.id, rs);
      const told = await readAll(first.revocations, rs, before.cursor);
      expect(told.tokens).toEqual(new Set([withdrawn.grant.tokenId, removed.grant.tokenId]));
      expect(told.tokens).not.toContain(kept.grant.tokenId);
    });

    it('tells the RPTs that were revoked by themselves, carried on by another or ended with their refresh token, and no others [G31]', async () => {
      const rs = server();
      const [revoked, superseded, kept] = [await granted(rs), await granted(rs), await granted(rs)];
      const refreshToken = exampleRefreshToken(kept.grant);
      const refreshed = exampleGrant([kept.share], { resourceServer: rs, refreshId: refreshToken.id });
      await first.grants.record(refreshed, undefined, { refreshToken });
      const copied = exampleRefreshToken(kept.grant);
      const reused = exampleGrant([kept.share], { resourceServer: rs, refreshId: copied.id });
      await first.grants.record(reused, undefined, { refreshToken: copied });
      const { cursor } = await first.revocations.read(rs, undefined, EXAMPLE_TIME);

      await first.grants.revoke(revoked.grant.issuer, revoked.grant.tokenId, EXAMPLE_TIME);
      const next = exampleGrant([superseded.share], { resourceServer: rs });
      await first.grants.record(next, undefined, { supersedes: superseded.grant.tokenId });
      await first.refreshTokens.revoke(refreshToken.tokenHash, refreshToken.clientId, EXAMPLE_TIME);
      for (let use = 0; use < 2; use += 1) {
        const { tokenHash, clientId } = copied;
        await first.refreshTokens.rotate({ tokenHash, clientId, nextTokenHash: freshId('hash-'), thumbprint: undefined, now: EXAMPLE_TIME });
      }
      const ended = new Set([revoked.grant, superseded.grant, refreshed, reused].map(({ tokenId }) => tokenId));
      for (const from of [cursor, undefined]) expect((await readAll(first.revocations, rs, from)).tokens).toEqual(ended);
      expect((await readAll(first.revocations, server(), cursor)).tokens.size).toBe(0);
      expect((await readAll(first.revocations, rs, cursor, kept.grant.expiresAt)).tokens.size).toBe(0);
    });

    it('tells nothing of RPTs for another resource server, or that have expired', async () => {
      const rs = server();
      const { share, grant } = await granted(rs);
      await first.shares.remove(share.id, share.owner);
      expect((await readAll(first.revocations, server(), undefined)).tokens.size).toBe(0);
      expect((await readAll(first.revocations, rs, undefined, grant.expiresAt)).tokens.size).toBe(0);
      expect((await readAll(first.revocations, rs, undefined, grant.expiresAt - 1)).tokens.size).toBe(1);
    });

    it('A29 tells of one owner\'s RPTs only, when an owner is named [F5]', async () => {
      const rs = server();
      const [alices, annas] = [await granted(rs), await granted(rs)];
      for (const { share } of [alices, annas]) await first.shares.remove(share.id, share.owner);
      const told = async (owner: string) => (await first.revocations.read(rs, undefined, EXAMPLE_TIME, owner)).revoked.map(({ tokenId }) => tokenId);
      expect(await told(annas.share.owner)).toEqual([annas.grant.tokenId]);
      expect(await told('nobody@foo.example')).toEqual([]);
    });

    it.each(['', 'x', '1', '1.2.3', '-1.0', '1e9.0'])('reads from the beginning for the cursor %j', async (cursor) => {
      const rs = server();
      const { share, grant } = await granted(rs);
      await first.shares.remove(share.id, share.owner);
      expect((await readAll(first.revocations, rs, cursor)).tokens).toEqual(new Set([grant.tokenId]));
    });

    it('misses none while shares are taken back and the feed is read on every replica at once', async () => {
      const rs = server();
      const all = await Promise.all(Array.from({ length: PARALLEL }, () => granted(rs)));
      let { cursor } = await first.revocations.read(rs, undefined, EXAMPLE_TIME);
      const told = new Set<TokenId>();
      const removals = race(stores, all.length, (replica, index) => replica.shares.remove(all[index]?.share.id ?? ('' as ShareId), all[index]?.share.owner ?? ''));
      let running = true;
      const finished = removals.finally(() => (running = false));
      do {
        const page = await readAll(first.revocations, rs, cursor);
        for (const token of page.tokens) told.add(token);
        cursor = page.cursor;
      } while (running);
      await finished;
      for (const token of (await readAll(first.revocations, rs, cursor)).tokens) told.add(token);
      expect(told).toEqual(new Set(all.map(({ grant }) => grant.tokenId)));
    });
  });
}

async function readAll(feed: RevocationFeed, server: ClientId, from: string | undefined, now = EXAMPLE_TIME): Promise<{ tokens: Set<TokenId>; cursor: string }> {
  const tokens = new Set<TokenId>();
  for (let cursor = from; ; ) {
    const page = await feed.read(server, cursor, now);
    for (const { tokenId } of page.revoked) tokens.add(tokenId);
    cursor = page.cursor;
    if (!page.more) return { tokens, cursor };
  }
}
