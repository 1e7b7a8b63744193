import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientId, ConsentId, ProtectionRefreshToken } from '@uma-federation/uma-core';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores, type StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { EXAMPLE_TIME, freshId } from './store-examples.ts';

/**
 * The guarantees of `ProtectionRefreshTokens`.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeProtectionRefreshTokens(implementation: string, makeStores: MakeStores): void {
  describe(`refresh tokens of PATs: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    let first: StoresOfOneReplica;
    beforeAll(async () => {
      stores = await makeStores();
      [first] = stores.replicas;
    });
    afterAll(() => stores.dispose());

    const hash = () => freshId<string>('hash-');
    const later = EXAMPLE_TIME + 1000;
    /** A token on a consent of its own. */
    const kept = async (): Promise<ProtectionRefreshToken & { owner: string }> => {
      const owner = `${freshId<string>('alice-')}@foo.example`;
      const resourceServer = freshId<ClientId>('rs-');
      const consent = freshId<ConsentId>('cns_');
      await first.consents.use({ owner, resourceServer, fresh: consent, now: EXAMPLE_TIME });
      const token = { hash: hash(), resourceServer, consent, expiresAt: later };
      await first.protectionRefreshTokens.keep(token);
      return { ...token, owner };
    };
    const rotate = ({ hash: presented, resourceServer }: ProtectionRefreshToken, next: string, now = EXAMPLE_TIME + 1, { protectionRefreshTokens } = first) =>
      protectionRefreshTokens.rotate({ hash: presented, resourceServer, now }, { hash: next, expiresAt: later + 1000 });

    it('give owner and consent, and the next token, which goes on', async () => {
      const token = await kept();
      const [second, third] = [hash(), hash()];
      const { owner, consent } = token;
      expect(await rotate(token, second)).toEqual({ owner, consent });
      expect(await rotate({ ...token, hash: second }, third, later + 500)).toEqual({ owner, consent });
      expect(await first.consents.listByOwner(owner)).toMatchObject([{ lastUsedAt: later + 500 }]);
    });

    it('are good for their RS only, and until they expire', async () => {
      const token = await kept();
      const next = hash();
      expect(await rotate({ ...token, resourceServer: freshId<ClientId>('rs-') }, next)).toBeUndefined();
      expect(await rotate(token, next, later)).toBeUndefined();
      expect(await rotate({ ...token, hash: hash() }, next)).toBeUndefined();
      expect(await rotate({ ...token, hash: next }, hash())).toBeUndefined();
      expect(await rotate(token, next, later - 1)).toMatchObject({ owner: token.owner });
    });

    it('end their whole line when one that was used is presented again, and no other line', async () => {
      const [token, other] = [await kept(), await kept()];
      const [second, third] = [hash(), hash()];
      await rotate(token, second);
      await rotate({ ...token, hash: second }, third);
      expect(await rotate({ ...token, resourceServer: other.resourceServer }, hash())).toBeUndefined();
      expect(await rotate(token, hash())).toBe('reused');
      expect(await rotate({ ...token, hash: third }, hash())).toBeUndefined();
      expect(await rotate(other, hash())).toMatchObject({ owner: other.owner });
    });

    it('end with the consent, and do not come back with the next one', async () => {
      const token = await kept();
      const second = hash();
      await rotate(token, second);
      await first.consents.end(token.owner, token.resourceServer, EXAMPLE_TIME + 2);
      expect(await rotate({ ...token, hash: second }, hash())).toBeUndefined();
      await first.consents.allow(token.owner, token.resourceServer, freshId<ConsentId>('cns_'), EXAMPLE_TIME + 3);
      expect(await rotate({ ...token, hash: second }, hash())).toBeUndefined();
      expect(await rotate(token, hash())).toBeUndefined();
    });

    it('end with their line when the RS revokes one, used or not, and only when it is its own', async () => {
      const [token, other] = [await kept(), await kept()];
      const second = hash();
      await rotate(token, second);
      const revoke = (each: string, { resourceServer } = token) => first.protectionRefreshTokens.revoke(each, resourceServer);
      expect(await revoke(second, other)).toBe('another_client');
      expect(await revoke(hash())).toBe('unknown');
      expect(await revoke(token.hash)).toBe('revoked');
      expect(await revoke(second)).toBe('unknown');
      expect(await rotate({ ...token, hash: second }, hash())).toBeUndefined();
      expect(await rotate(other, hash())).toMatchObject({ owner: other.owner });
    });

    it(`let one of ${PARALLEL} parallel callers with the same token through`, async () => {
      const token = await kept();
      const outcomes = await race(stores, PARALLEL, (replica) => rotate(token, hash(), EXAMPLE_TIME + 1, replica));
      expect(outcomes.filter((outcome) => typeof outcome === 'object')).toHaveLength(1);
    });
  });
}
