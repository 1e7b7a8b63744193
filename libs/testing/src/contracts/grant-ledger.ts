import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConsumedClaimsToken, GrantRecord, Issuer, Resource, Share, ShareId } from '@uma-federation/uma-core';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores, type StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { exampleClaimsToken, exampleGrant, exampleResource, exampleShare } from './store-examples.ts';

const ROUNDS = 5;

/**
 * The guarantees of `GrantLedger`, alone and against removals by `ShareStore` and `ResourceRegistry`.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeGrantLedger(implementation: string, makeStores: MakeStores): void {
  describe(`grant ledger: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    let first: StoresOfOneReplica;
    beforeAll(async () => {
      stores = await makeStores();
      [first] = stores.replicas;
    });
    afterAll(() => stores.dispose());

    const sharedResource = async (count = 1): Promise<{ resource: Resource; shares: Share[] }> => {
      const resource = exampleResource();
      await first.resources.create(resource);
      const shares = Array.from({ length: count }, () => exampleShare(resource));
      for (const share of shares) expect(await first.shares.create(share)).toBe(true);
      return { resource, shares };
    };
    const isActive = ({ issuer, tokenId, issuedAt }: GrantRecord): Promise<boolean> => first.grants.isActive(issuer, tokenId, issuedAt);
    const auditOf = async ({ tokenId }: GrantRecord) => (await stores.audit()).filter(({ event, data }) => event === 'token_granted' && JSON.stringify(data).includes(tokenId));

    it('records a grant, which is active from then on, and puts it on the record', async () => {
      const { shares } = await sharedResource(2);
      const grant = exampleGrant(shares);
      expect(await isActive(grant)).toBe(false);
      expect(await first.grants.record(grant, exampleClaimsToken())).toBe('recorded');
      expect(await isActive(grant)).toBe(true);
      const [entry, ...others] = await auditOf(grant);
      expect(others).toEqual([]);
      expect(JSON.stringify(entry?.data)).toContain(grant.requestingParty);
      expect(entry?.data['shares']).toEqual(expect.arrayContaining([...grant.shares]));
    });

    it('records a grant without a claims token, one without shares, and one that names a share twice', async () => {
      const { shares } = await sharedResource();
      const [share] = shares;
      for (const grant of [exampleGrant(shares), exampleGrant([]), exampleGrant(shares, { shares: [share?.id, share?.id] as ShareId[] })]) {
        expect(await first.grants.record(grant)).toBe('recorded');
        expect(await isActive(grant)).toBe(true);
      }
    });

    it('calls a grant active until the second before its expiry, and only under its own issuer', async () => {
      const grant = exampleGrant([]);
      await first.grants.record(grant);
      expect(await first.grants.isActive(grant.issuer, grant.tokenId, grant.expiresAt - 1)).toBe(true);
      expect(await first.grants.isActive(grant.issuer, grant.tokenId, grant.expiresAt)).toBe(false);
      expect(await first.grants.isActive(`${grant.issuer}/` as Issuer, grant.tokenId, grant.issuedAt)).toBe(false);
    });

    it('gives one ticket one grant, and does not spend the claims token of a second try [G58]', async () => {
      const grant = exampleGrant([]);
      await first.grants.record(grant);
      const second = exampleGrant([], { ticketId: grant.ticketId });
      const claimsToken = exampleClaimsToken();
      await expect(first.grants.record(second, claimsToken)).rejects.toMatchObject({ error: 'invalid_grant', reason: 'ticket_already_granted' });
      expect(await isActive(second)).toBe(false);
      expect(await first.grants.consumeClaimsToken(claimsToken)).toBe(true);
    });

    describeClaimsTokens();
    describeWithdrawal();

    function describeClaimsTokens(): void {
      describe('A7 identity claims token replay at the same server', () => {
        it('refuses a claims token the second time, with another ticket too, and writes nothing then', async () => {
          const { shares } = await sharedResource();
          const claimsToken = exampleClaimsToken();
          expect(await first.grants.record(exampleGrant(shares), claimsToken)).toBe('recorded');
          const second = exampleGrant(shares);
          expect(await first.grants.record(second, claimsToken)).toBe('claims_token_used');
          expect(await isActive(second)).toBe(false);
          expect(await auditOf(second)).toEqual([]);
          expect(await first.grants.record(second, exampleClaimsToken())).toBe('recorded');
        });

        it('knows a claims token by (issuer, jti): the same jti of another issuer is another token', async () => {
          const claimsToken = exampleClaimsToken();
          expect(await first.grants.consumeClaimsToken(claimsToken)).toBe(true);
          expect(await first.grants.consumeClaimsToken({ ...claimsToken, expiresAt: claimsToken.expiresAt + 1 })).toBe(false);
          expect(await first.grants.consumeClaimsToken({ ...claimsToken, issuer: 'https://as.third.example' as Issuer })).toBe(true);
        });

        it(`records exactly one of ${PARALLEL} parallel grants on one claims token`, async () => {
          const { shares } = await sharedResource();
          const claimsToken = exampleClaimsToken();
          const grants = Array.from({ length: PARALLEL }, () => exampleGrant(shares));
          const outcomes = await race(stores, PARALLEL, ({ grants: ledger }, index) => ledger.record(grants[index] as GrantRecord, claimsToken));
          expect(outcomes.filter((outcome) => outcome === 'recorded')).toHaveLength(1);
          expect(outcomes.filter((outcome) => outcome === 'claims_token_used')).toHaveLength(PARALLEL - 1);
          expect((await Promise.all(grants.map(isActive))).filter(Boolean)).toHaveLength(1);
        });

        it(`lets exactly one of ${PARALLEL} parallel users of a claims token win, whether they grant or only ask for more`, async () => {
          const claimsToken = exampleClaimsToken();
          const wins = await race(stores, PARALLEL, async ({ grants: ledger }, index) =>
            index % 2 === 0 ? ledger.consumeClaimsToken(claimsToken) : (await ledger.record(exampleGrant([]), claimsToken)) === 'recorded',
          );
          expect(wins.filter(Boolean)).toHaveLength(1);
        });
      });
    }

    function describeWithdrawal(): void {
      it('grants nothing on a share that does not exist, and leaves the claims token unspent', async () => {
        const { shares } = await sharedResource();
        const [share] = shares as [Share];
        const claimsToken: ConsumedClaimsToken = exampleClaimsToken();
        const grant = exampleGrant(shares, { shares: [share.id, 'shr_never-was' as ShareId] });
        expect(await first.grants.record(grant, claimsToken)).toBe('share_withdrawn');
        expect(await isActive(grant)).toBe(false);
        expect(await auditOf(grant)).toEqual([]);
        expect(await first.grants.record({ ...grant, shares: [share.id] }, claimsToken)).toBe('recorded');
      });

      it('ends a grant when any one of its shares is removed, and no other grant [G67]', async () => {
        const { resource, shares } = await sharedResource(3);
        const [one, two, three] = shares as [Share, Share, Share];
        const onBoth = exampleGrant([one, two]);
        const onOther = exampleGrant([three]);
        for (const grant of [onBoth, onOther]) await first.grants.record(grant);
        expect(await first.shares.remove(two.id, resource.owner)).toBe(true);
        expect(await isActive(onBoth)).toBe(false);
        expect(await isActive(onOther)).toBe(true);
      });

      it.each([
        ['its owner removes the share', ({ shares }: StoresOfOneReplica, resource: Resource, share: Share) => shares.remove(share.id, resource.owner)],
        ['its resource is deregistered', ({ resources }: StoresOfOneReplica, resource: Resource) => resources.remove(resource.id, resource.resourceServer)],
      ])('leaves no grant alive on a share that goes while grants are recorded: %s [G67, F29]', async (_how, remove) => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const { resource, shares } = await sharedResource(2);
          const [share] = shares as [Share];
          let gone = false;
          let firstRecorded = (): void => undefined;
          const remover = new Promise<void>((resolve) => (firstRecorded = resolve)).then(async () => {
            expect(await remove(first, resource, share)).toBe(true);
            gone = true;
          });
          const attempts: { grant: GrantRecord; outcome: string; startedAfterwards: boolean }[] = [];
          const recorders = race(stores, PARALLEL, async ({ grants }, index) => {
            for (let startedAfterwards = false; !startedAfterwards; ) {
              startedAfterwards = gone;
              const grant = exampleGrant(index % 2 === 0 ? shares : [...shares].reverse());
              const outcome = await grants.record(grant, exampleClaimsToken());
              attempts.push({ grant, outcome, startedAfterwards });
              firstRecorded();
            }
          });
          await Promise.all([remover, recorders]);
          expect(attempts.filter(({ outcome }) => outcome === 'recorded')).not.toHaveLength(0);
          expect(attempts.filter(({ outcome, startedAfterwards }) => startedAfterwards && outcome !== 'share_withdrawn')).toEqual([]);
          expect((await Promise.all(attempts.map(({ grant }) => isActive(grant)))).filter(Boolean)).toEqual([]);
        }
      });
    }
  });
}
