import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConsumedClaimsToken, GrantCompanions, GrantRecord, Issuer, Share, ShareId, TokenId } from '@uma-federation/uma-core';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores, type StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { exampleClaimsToken, exampleGrant, examplePersistedClaims, exampleRefreshToken, exampleResource, exampleShare, freshId } from './store-examples.ts';

/**
 * The guarantees of `GrantLedger` about what is recorded together with a grant, and about RPTs that are revoked by themselves.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeGrantCompanions(implementation: string, makeStores: MakeStores): void {
  describe(`companions of a grant: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    let first: StoresOfOneReplica;
    beforeAll(async () => {
      stores = await makeStores();
      [first] = stores.replicas;
    });
    afterAll(() => stores.dispose());

    const shared = async (): Promise<Share> => {
      const resource = exampleResource();
      await first.resources.create(resource);
      const share = exampleShare(resource);
      await first.shares.create(share);
      return share;
    };
    const granted = async (differences: Partial<GrantRecord> = {}): Promise<GrantRecord> => {
      const grant = exampleGrant([await shared()], differences);
      expect(await first.grants.record(grant)).toBe('recorded');
      return grant;
    };
    /** A grant with everything that can come with it, in the place of `previous`. */
    const withCompanions = (shares: readonly Share[], previous: GrantRecord) => {
      const grant = exampleGrant(shares, { requestingParty: `${freshId<string>('bob-')}@bar.example` });
      const refreshToken = exampleRefreshToken(grant);
      const companions = { persistedClaims: examplePersistedClaims(grant), refreshToken, supersedes: previous.tokenId } satisfies GrantCompanions;
      return { grant: { ...grant, refreshId: refreshToken.id }, companions };
    };
    const isActive = ({ issuer, tokenId, issuedAt }: GrantRecord) => first.grants.isActive(issuer, tokenId, issuedAt);
    const auditOf = async (event: string, { tokenId }: GrantRecord) => (await stores.audit()).filter((entry) => entry.event === event && entry.data['jti'] === tokenId);
    /** Which companions took effect: persisted claims, refresh token, the end of the previous RPT. The refresh token is used up by the question. */
    const effectOf = async ({ persistedClaims, refreshToken }: ReturnType<typeof withCompanions>['companions'], previous: GrantRecord) => ({
      persisted: (await first.persistedClaims.find(persistedClaims.tokenHash, persistedClaims.createdAt)) !== undefined,
      refreshable:
        (await first.refreshTokens.rotate({
          tokenHash: refreshToken.tokenHash,
          nextTokenHash: freshId('hash-of-refresh-token-'),
          clientId: refreshToken.clientId,
          thumbprint: refreshToken.thumbprint,
          now: previous.issuedAt,
        })) !== undefined,
      superseded: !(await isActive(previous)),
    });
    const EVERYTHING = { persisted: true, refreshable: true, superseded: true };
    const NOTHING = { persisted: false, refreshable: false, superseded: false };

    describeRecording();
    describeSuperseding();
    describeRevoking();
    describeNobody();

    function describeRecording(): void {
      it('come with the grant', async () => {
        const previous = await granted();
        const { grant, companions } = withCompanions([await shared()], previous);
        expect(await first.grants.record(grant, exampleClaimsToken(), companions)).toBe('recorded');
        expect(await isActive(grant)).toBe(true);
        expect(await effectOf(companions, previous)).toEqual(EVERYTHING);
      });

      it.each<[string, (share: Share, claimsToken: ConsumedClaimsToken) => Promise<Partial<GrantRecord>>, string]>([
        [
          'its claims token was used',
          async (_share, claimsToken) => {
            await first.grants.consumeClaimsToken(claimsToken);
            return {};
          },
          'claims_token_used',
        ],
        [
          'its share was withdrawn',
          async (share) => {
            await first.shares.remove(share.id, share.owner);
            return {};
          },
          'share_withdrawn',
        ],
        ['one of its shares never was', async ({ id }) => ({ shares: [id, 'shr_never-was' as ShareId] }), 'share_withdrawn'],
      ])('do not come with a grant that is refused because %s [G31]', async (_why, prepare, outcome) => {
        const [previous, share, claimsToken] = [await granted(), await shared(), exampleClaimsToken()];
        const { grant, companions } = withCompanions([share], previous);
        const differences = await prepare(share, claimsToken);
        expect(await first.grants.record({ ...grant, ...differences }, claimsToken, companions)).toBe(outcome);
        expect(await effectOf(companions, previous)).toEqual(NOTHING);
      });

      it('do not come with a second grant for one ticket, and what was remembered before stays', async () => {
        const [previous, share] = [await granted(), await shared()];
        const { grant, companions } = withCompanions([share], previous);
        const { persistedClaims, refreshToken } = companions;
        expect(await first.grants.record(grant, undefined, { persistedClaims, refreshToken })).toBe('recorded');
        const second = withCompanions([share], previous);
        const again = { ...second.grant, ticketId: grant.ticketId, requestingParty: grant.requestingParty };
        const replacement = examplePersistedClaims(again);
        await expect(first.grants.record(again, undefined, { ...second.companions, persistedClaims: replacement })).rejects.toMatchObject({ error: 'invalid_grant' });
        expect(await effectOf({ ...second.companions, persistedClaims: replacement }, previous)).toEqual(NOTHING);
        expect(await first.persistedClaims.find(persistedClaims.tokenHash, grant.issuedAt)).toEqual(persistedClaims);
      });

      it(`come with the one of ${PARALLEL} parallel grants on one claims token that is recorded`, async () => {
        const [share, claimsToken] = [await shared(), exampleClaimsToken()];
        const attempts = await Promise.all(Array.from({ length: PARALLEL }, async () => ({ previous: await granted(), share })));
        const candidates = attempts.map(({ previous }) => ({ previous, ...withCompanions([share], previous) }));
        const outcomes = await race(stores, PARALLEL, ({ grants }, index) => {
          const { grant, companions } = candidates[index] as (typeof candidates)[number];
          return grants.record(grant, claimsToken, companions);
        });
        expect(outcomes.filter((outcome) => outcome === 'recorded')).toHaveLength(1);
        const effects = await Promise.all(candidates.map(({ companions, previous }) => effectOf(companions, previous)));
        expect(effects).toEqual(outcomes.map((outcome) => (outcome === 'recorded' ? EVERYTHING : NOTHING)));
      });
    }

    function describeSuperseding(): void {
      it('end the RPT that the new one carries on, and no other: not of another issuer, not on the same share [G31]', async () => {
        const share = await shared();
        const [previous, beside] = [exampleGrant([share]), exampleGrant([share])];
        const namesake = { ...exampleGrant([share]), tokenId: previous.tokenId, issuer: 'https://as.third.example' as Issuer };
        for (const grant of [previous, beside, namesake]) await first.grants.record(grant);
        const next = exampleGrant([share]);
        expect(await first.grants.record(next, undefined, { supersedes: previous.tokenId })).toBe('recorded');
        expect(await Promise.all([previous, beside, namesake, next].map(isActive))).toEqual([false, true, true, true]);
        expect(await first.grants.revoke(previous.issuer, previous.tokenId, previous.issuedAt)).toBe(false);
      });

      it('may carry on an RPT that has expired, was revoked or is forgotten', async () => {
        const expired = await granted({ issuedAt: 1, expiresAt: 2 });
        const revoked = await granted();
        await first.grants.revoke(revoked.issuer, revoked.tokenId, revoked.issuedAt);
        for (const supersedes of [expired.tokenId, revoked.tokenId, 'rpt-never-was' as TokenId]) {
          const next = exampleGrant([await shared()]);
          expect(await first.grants.record(next, undefined, { supersedes })).toBe('recorded');
          expect(await isActive(next)).toBe(true);
        }
      });
    }

    function describeRevoking(): void {
      it('an RPT that is revoked by itself is not active any more, and others are; that is on the record', async () => {
        const [grant, other] = [await granted(), await granted()];
        expect(await first.grants.revoke(grant.issuer, grant.tokenId, grant.issuedAt)).toBe(true);
        expect(await isActive(grant)).toBe(false);
        expect(await isActive(other)).toBe(true);
        expect(await auditOf('token_revoked', grant)).toEqual([{ event: 'token_revoked', data: { issuer: grant.issuer, jti: grant.tokenId } }]);
        expect(await auditOf('token_revoked', other)).toEqual([]);
      });

      it('revoking tells whether there was such an RPT: not one of nobody, of another issuer or that has expired', async () => {
        const grant = await granted();
        expect(await first.grants.revoke(grant.issuer, 'rpt-never-was' as TokenId, grant.issuedAt)).toBe(false);
        expect(await first.grants.revoke(`${grant.issuer}/` as Issuer, grant.tokenId, grant.issuedAt)).toBe(false);
        expect(await first.grants.revoke(grant.issuer, grant.tokenId, grant.expiresAt)).toBe(false);
        expect(await isActive(grant)).toBe(true);
        expect(await first.grants.revoke(grant.issuer, grant.tokenId, grant.expiresAt - 1)).toBe(true);
      });

      it(`exactly one of ${PARALLEL} parallel revocations of an RPT succeeds`, async () => {
        const grant = await granted();
        const revoked = await race(stores, PARALLEL, ({ grants }) => grants.revoke(grant.issuer, grant.tokenId, grant.issuedAt));
        expect(revoked.filter(Boolean)).toHaveLength(1);
        expect(await auditOf('token_revoked', grant)).toHaveLength(1);
      });
    }

    function describeNobody(): void {
      it('a grant may name no requesting party: it is active, rests on its share and says so in the record', async () => {
        const share = await shared();
        const { requestingParty: _nobody, ...grant } = exampleGrant([share]);
        expect(await first.grants.record(grant)).toBe('recorded');
        expect(await isActive(grant)).toBe(true);
        const [entry] = (await stores.audit()).filter(({ event, data }) => event === 'token_granted' && JSON.stringify(data).includes(grant.tokenId));
        expect(entry).toBeDefined();
        expect(JSON.stringify(entry?.data)).not.toContain('bob');
        await first.shares.remove(share.id, share.owner);
        expect(await isActive(grant)).toBe(false);
      });
    }
  });
}
