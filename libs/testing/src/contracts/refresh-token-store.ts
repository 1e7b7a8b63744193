import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientId, GrantRecord, Issuer, RefreshableGrant, Resource, Share, TokenId } from '@uma-federation/uma-core';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores, type StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { EXAMPLE_TIME, exampleGrant, exampleRefreshToken, exampleResource, exampleShare, freshId } from './store-examples.ts';

const ROUNDS = 5;
const KEY = 'jkt-of-this-client';

/** A grant with its refresh token, and what it rests on. */
interface Refreshable {
  readonly resource: Resource;
  readonly share: Share;
  readonly grant: GrantRecord;
  readonly refreshToken: RefreshableGrant;
}

/**
 * The guarantees of `RefreshTokenStore`, whose entries `GrantLedger.record` makes.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeRefreshTokenStore(implementation: string, makeStores: MakeStores): void {
  describe(`refresh token store: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    let first: StoresOfOneReplica;
    beforeAll(async () => {
      stores = await makeStores();
      [first] = stores.replicas;
    });
    afterAll(() => stores.dispose());

    const refreshable = async (differences: Partial<RefreshableGrant> = {}): Promise<Refreshable> => {
      const resource = exampleResource();
      await first.resources.create(resource);
      const share = exampleShare(resource);
      await first.shares.create(share);
      const rested = exampleGrant([share]);
      const refreshToken = exampleRefreshToken(rested, differences);
      const grant = { ...rested, refreshId: refreshToken.id };
      expect(await first.grants.record(grant, undefined, { refreshToken })).toBe('recorded');
      return { resource, share, grant, refreshToken };
    };
    const useOf = ({ tokenHash, clientId, thumbprint }: RefreshableGrant, differences: Partial<Use> = {}): Use => ({
      tokenHash,
      nextTokenHash: freshId('hash-of-refresh-token-'),
      clientId,
      thumbprint,
      now: EXAMPLE_TIME,
      ...differences,
    });
    /** An RPT by refreshing, as `refreshRpt` records it. */
    const refreshed = async ({ grant }: Refreshable): Promise<GrantRecord> => {
      const tokenId = freshId<TokenId>('rpt-');
      const next = { ...grant, tokenId, ticketId: tokenId };
      expect(await first.grants.record(next)).toBe('recorded');
      return next;
    };
    const isActive = ({ issuer, tokenId }: GrantRecord) => first.grants.isActive(issuer, tokenId, EXAMPLE_TIME);
    const auditOf = async ({ id }: RefreshableGrant) => (await stores.audit()).filter(({ event, data }) => event !== 'token_granted' && data['id'] === id);
    const rotate = (refreshToken: RefreshableGrant, differences: Partial<Use> = {}) => first.refreshTokens.rotate(useOf(refreshToken, differences));

    describeRotation();
    describeRefusal();
    describeReuse();
    describeRevocation();

    function describeRotation(): void {
      it('shows what a token stands for without using it: to its own client, until it expires or is used', async () => {
        const { refreshToken } = await refreshable();
        const { tokenHash, clientId, expiresAt } = refreshToken;
        const find = (client: ClientId, now: number) => first.refreshTokens.find(tokenHash, client, now);
        expect(await find(clientId, expiresAt - 1)).toEqual(refreshToken);
        expect([await find(clientId, expiresAt), await find('another' as ClientId, EXAMPLE_TIME)]).toEqual([undefined, undefined]);
        expect(await rotate(refreshToken)).toMatchObject({ id: refreshToken.id });
        expect(await find(clientId, EXAMPLE_TIME)).toBeUndefined();
      });

      it.each([{}, { thumbprint: KEY, issuer: 'https://as.globex.example' as Issuer, acr: 'phr', authTime: EXAMPLE_TIME - 10 }])('gives the grant for its token, again and again with the token that took the place of the last (%j)', async (differences) => {
        const { refreshToken } = await refreshable(differences);
        let current = refreshToken;
        for (let round = 0; round < 3; round += 1) {
          const use = useOf(current);
          const grant = await first.refreshTokens.rotate(use);
          expect(grant).toEqual({ ...refreshToken, tokenHash: use.nextTokenHash });
          current = grant as RefreshableGrant;
        }
        expect(await auditOf(refreshToken)).toEqual([]);
      });

      it('asks no key of a client that is not bound to one', async () => {
        const { refreshToken } = await refreshable();
        expect(await rotate(refreshToken, { thumbprint: 'jkt-of-the-day' })).toBeDefined();
      });

      it(`gives the grant to exactly one of ${PARALLEL} parallel callers`, async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const { refreshToken } = await refreshable();
          const uses = Array.from({ length: PARALLEL }, () => useOf(refreshToken));
          const grants = await race(stores, PARALLEL, ({ refreshTokens }, index) => refreshTokens.rotate(uses[index] as Use));
          expect(grants.filter((grant) => grant !== undefined)).toHaveLength(1);
          const winner = grants.findIndex((grant) => grant !== undefined);
          expect(grants[winner]).toEqual({ ...refreshToken, tokenHash: uses[winner]?.nextTokenHash });
        }
      });
    }

    function describeRefusal(): void {
      it.each<[string, Partial<Use>]>([
        ['another client', { clientId: 'https://mallory.example/app' as ClientId }],
        ['another key', { thumbprint: 'jkt-of-mallory' }],
        ['no key', { thumbprint: undefined }],
      ])('gives nothing to %s, and does not use the token up for them', async (_whom, differences) => {
        const rested = await refreshable({ thumbprint: KEY });
        expect(await rotate(rested.refreshToken, differences)).toBeUndefined();
        expect(await isActive(rested.grant)).toBe(true);
        expect(await rotate(rested.refreshToken)).toBeDefined();
      });

      it('gives nothing for a token that it does not know, nor for its id', async () => {
        const { refreshToken } = await refreshable();
        for (const tokenHash of ['hash-of-nothing', refreshToken.id]) expect(await rotate(refreshToken, { tokenHash })).toBeUndefined();
        expect(await rotate(refreshToken)).toBeDefined();
      });

      it('is good until the second before its expiry, which no use moves', async () => {
        const { refreshToken } = await refreshable();
        expect(await rotate(refreshToken, { now: refreshToken.expiresAt })).toBeUndefined();
        const next = await rotate(refreshToken, { now: refreshToken.expiresAt - 1 });
        expect(next?.expiresAt).toBe(refreshToken.expiresAt);
        expect(await rotate(next as RefreshableGrant, { now: refreshToken.expiresAt })).toBeUndefined();
      });

      it.each([
        ['its owner removes the share', ({ shares }: StoresOfOneReplica, { share }: Refreshable) => shares.remove(share.id, share.owner)],
        ['its resource is deregistered', ({ resources }: StoresOfOneReplica, { resource }: Refreshable) => resources.remove(resource.id, resource.resourceServer)],
      ])('A23 is worth nothing as soon as one of its shares is gone: %s [G67]', async (_how, remove) => {
        const [rested, other] = [await refreshable(), await refreshable()];
        const { refreshToken } = rested;
        const resting = exampleGrant([rested.share, other.share]);
        const onBoth = exampleRefreshToken(resting);
        await first.grants.record({ ...resting, refreshId: onBoth.id }, undefined, { refreshToken: onBoth });
        const next = await rotate(refreshToken);
        expect(await remove(first, rested)).toBe(true);
        for (const dead of [next as RefreshableGrant, onBoth]) expect(await rotate(dead)).toBeUndefined();
        expect(await rotate(other.refreshToken)).toBeDefined();
      });
    }

    function describeReuse(): void {
      it.each([1, 2, 3])('ends the whole grant, with its RPTs, when a token is presented again that was used up %i uses ago', async (uses) => {
        const [rested, other] = [await refreshable(), await refreshable()];
        const rpts = [rested.grant, await refreshed(rested), await refreshed(rested)];
        let current = rested.refreshToken;
        for (let use = 0; use < uses; use += 1) current = (await rotate(current)) as RefreshableGrant;
        expect(await rotate(rested.refreshToken)).toBeUndefined();
        expect(await rotate(current)).toBeUndefined();
        expect(await Promise.all(rpts.map(isActive))).toEqual([false, false, false]);
        expect(await isActive(other.grant)).toBe(true);
        expect(await rotate(other.refreshToken)).toBeDefined();
        expect(await auditOf(rested.refreshToken)).toEqual([{ event: 'refresh_token_revoked', data: { id: rested.refreshToken.id, client_id: rested.refreshToken.clientId } }]);
      });

      it('does not end the grant when another client presents the used token', async () => {
        const rested = await refreshable();
        const next = await rotate(rested.refreshToken);
        expect(await rotate(rested.refreshToken, { clientId: 'https://mallory.example/app' as ClientId })).toBeUndefined();
        expect(await isActive(rested.grant)).toBe(true);
        expect(await rotate(next as RefreshableGrant)).toBeDefined();
      });

      it('records no RPT for a refresh token that was ended meanwhile, and leaves none alive', async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const rested = await refreshable();
          const { clientId, tokenHash } = rested.refreshToken;
          const rpts = Array.from({ length: PARALLEL }, () => exampleGrant([rested.share], { refreshId: rested.refreshToken.id }));
          const outcomes = await race(stores, PARALLEL, async ({ grants, refreshTokens }, index) => {
            if (index === 2) return refreshTokens.revoke(tokenHash, clientId, EXAMPLE_TIME);
            return grants.record(rpts[index] as GrantRecord);
          });
          expect(outcomes[2]).toBe('revoked');
          expect((await Promise.all([rested.grant, ...rpts].map(isActive))).filter(Boolean)).toEqual([]);
          const late = exampleGrant([rested.share], { refreshId: rested.refreshToken.id });
          expect(await first.grants.record(late)).toBe('share_withdrawn');
          expect(await isActive(late)).toBe(false);
        }
      });
    }

    function describeRevocation(): void {
      it('ends the grant and its RPTs when its own client revokes the token', async () => {
        const [rested, other] = [await refreshable(), await refreshable()];
        const rpts = [rested.grant, await refreshed(rested)];
        const { refreshToken } = rested;
        expect(await first.refreshTokens.revoke(refreshToken.tokenHash, refreshToken.clientId, EXAMPLE_TIME)).toBe('revoked');
        expect(await Promise.all(rpts.map(isActive))).toEqual([false, false]);
        expect(await rotate(refreshToken)).toBeUndefined();
        expect(await first.refreshTokens.revoke(refreshToken.tokenHash, refreshToken.clientId, EXAMPLE_TIME)).toBe('unknown');
        expect(await isActive(other.grant)).toBe(true);
        expect(await rotate(other.refreshToken)).toBeDefined();
        expect(await auditOf(refreshToken)).toEqual([{ event: 'refresh_token_revoked', data: { id: refreshToken.id, client_id: refreshToken.clientId } }]);
      });

      it('ends the grant, too, when the token was used up: whoever used it has the next one', async () => {
        const rested = await refreshable();
        const { tokenHash, clientId } = rested.refreshToken;
        const next = (await rotate(rested.refreshToken)) as RefreshableGrant;
        expect(await first.refreshTokens.revoke(tokenHash, 'https://mallory.example/app' as ClientId, EXAMPLE_TIME)).toBe('another_client');
        expect(await isActive(rested.grant)).toBe(true);
        expect(await first.refreshTokens.revoke(tokenHash, clientId, EXAMPLE_TIME)).toBe('revoked');
        expect(await isActive(rested.grant)).toBe(false);
        expect(await rotate(next)).toBeUndefined();
      });

      it('ends a grant whose token is used while it is revoked', async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const rested = await refreshable();
          const { tokenHash, clientId } = rested.refreshToken;
          const outcomes = await race(stores, 2, async ({ refreshTokens }, index) =>
            index === 0 ? refreshTokens.revoke(tokenHash, clientId, EXAMPLE_TIME) : refreshTokens.rotate(useOf(rested.refreshToken)),
          );
          expect(outcomes[0]).toBe('revoked');
          expect(await isActive(rested.grant)).toBe(false);
        }
      });

      it('tells another client apart from an unknown token, and does nothing for either', async () => {
        const { grant, refreshToken } = await refreshable();
        expect(await first.refreshTokens.revoke(refreshToken.tokenHash, 'https://mallory.example/app' as ClientId, EXAMPLE_TIME)).toBe('another_client');
        expect(await first.refreshTokens.revoke('hash-of-nothing', refreshToken.clientId, EXAMPLE_TIME)).toBe('unknown');
        expect(await isActive(grant)).toBe(true);
        expect(await auditOf(refreshToken)).toEqual([]);
        expect(await rotate(refreshToken)).toBeDefined();
      });

      it(`lets ${PARALLEL} parallel revocations and uses end in a grant that is over`, async () => {
        const rested = await refreshable();
        const { refreshToken } = rested;
        const outcomes = await race(stores, PARALLEL, async ({ refreshTokens }, index) =>
          index % 2 === 0 ? refreshTokens.revoke(refreshToken.tokenHash, refreshToken.clientId, EXAMPLE_TIME) : (await refreshTokens.rotate(useOf(refreshToken))) !== undefined,
        );
        expect(outcomes.filter((outcome) => outcome === true).length).toBeLessThanOrEqual(1);
        expect(await isActive(rested.grant)).toBe(false);
        expect(await auditOf(refreshToken)).toHaveLength(1);
      });
    }
  });
}

type Use = Parameters<StoresOfOneReplica['refreshTokens']['rotate']>[0];
