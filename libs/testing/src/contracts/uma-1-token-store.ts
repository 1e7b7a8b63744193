import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientId, NewUma1Token, Resource, Share, ShareId, TokenId, Uma1Authorization } from '@uma-federation/uma-core';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores, type StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { AS_RO, EXAMPLE_TIME, exampleResource, exampleShare, freshId } from './store-examples.ts';

const RS = 'rs-of-foo' as ClientId;
const HOUR_SECONDS = 3600;

function exampleToken(differences: Partial<NewUma1Token> = {}): NewUma1Token {
  return {
    tokenHash: freshId('hash-'),
    aat: freshId<TokenId>('aat-'),
    clientId: 'old-app' as ClientId,
    requestingParty: 'bob@bar.example',
    issuedAt: EXAMPLE_TIME,
    expiresAt: EXAMPLE_TIME + HOUR_SECONDS,
    ...differences,
  };
}

function exampleAuthorization({ tokenHash, aat, clientId, requestingParty }: NewUma1Token, shares: readonly Share[], differences: Partial<Uma1Authorization> = {}): Uma1Authorization {
  return {
    tokenHash,
    aat,
    clientId,
    requestingParty,
    issuer: AS_RO,
    ticketId: freshId<TokenId>('pt-'),
    resourceServer: RS,
    owner: shares[0]?.owner ?? 'alice@foo.example',
    permissions: shares.map(({ resourceId, scopes }) => ({ resourceId, scopes })),
    shares: shares.map(({ id }) => id),
    issuedAt: EXAMPLE_TIME,
    expiresAt: EXAMPLE_TIME + 600,
    ...differences,
  };
}

/**
 * The guarantees of `Uma1TokenStore`, alone and against removals by `ShareStore`.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeUma1TokenStore(implementation: string, makeStores: MakeStores): void {
  describe(`UMA 1.0 token store: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    let first: StoresOfOneReplica;
    beforeAll(async () => {
      stores = await makeStores();
      [first] = stores.replicas;
    });
    afterAll(() => stores.dispose());

    const shared = async (): Promise<{ resource: Resource; share: Share }> => {
      const resource = exampleResource();
      await first.resources.create(resource);
      const share = exampleShare(resource);
      await first.shares.create(share);
      return { resource, share };
    };
    const issued = async (differences: Partial<NewUma1Token> = {}, previous: 'ended' | 'kept' = 'ended'): Promise<NewUma1Token> => {
      const token = exampleToken(differences);
      await first.uma1Tokens.issue(token, previous);
      return token;
    };
    const find = ({ tokenHash }: NewUma1Token, now = EXAMPLE_TIME) => first.uma1Tokens.find(tokenHash, now);
    const auditOf = async (jti: TokenId) => (await stores.audit()).filter(({ data }) => JSON.stringify(data).includes(jti));

    describeTokens();
    describeAuthorizations();
    describeWithdrawal();

    function describeTokens(): void {
      it('issues a token without permissions and for no resource server yet, and puts that on the record without the hash', async () => {
        const token = await issued();
        expect(await find(token)).toEqual({ ...token, resourceServer: undefined, permissions: [] });
        const [entry, ...others] = await auditOf(token.aat);
        expect({ event: entry?.event, others }).toEqual({ event: 'uma_1_token_issued', others: [] });
        expect(JSON.stringify(entry)).not.toContain(token.tokenHash);
      });

      it('knows a token until the second before its expiry, and no other', async () => {
        const token = await issued();
        expect(await find(token, token.expiresAt - 1)).toBeDefined();
        expect(await find(token, token.expiresAt)).toBeUndefined();
        expect(await find(exampleToken())).toBeUndefined();
      });

      it('ends the previous token of the same AAT and its permissions with a new one [L5]', async () => {
        const old = await issued();
        const { share } = await shared();
        expect(await first.uma1Tokens.authorize(exampleAuthorization(old, [share]), EXAMPLE_TIME)).toBe('recorded');
        const fresh = await issued({ aat: old.aat });
        expect(await find(old)).toBeUndefined();
        expect(await find(fresh)).toEqual({ ...fresh, resourceServer: undefined, permissions: [] });
        expect(await first.uma1Tokens.authorize(exampleAuthorization(old, [share]), EXAMPLE_TIME)).toBe('token_unknown');
      });

      it('keeps the others when told so', async () => {
        const tokens = [await issued()];
        for (const previous of ['kept', 'kept'] as const) tokens.push(await issued({ aat: tokens[0]?.aat ?? ('' as TokenId) }, previous));
        expect(await Promise.all(tokens.map((token) => find(token)))).toEqual(tokens.map((token) => expect.objectContaining({ tokenHash: token.tokenHash })));
      });

      it(`leaves one token alive of ${PARALLEL} that are issued for one AAT at once [L5]`, async () => {
        const aat = freshId<TokenId>('aat-');
        const tokens = Array.from({ length: PARALLEL }, () => exampleToken({ aat }));
        await race(stores, PARALLEL, ({ uma1Tokens }, index) => uma1Tokens.issue(tokens[index] as NewUma1Token, 'ended'));
        expect((await Promise.all(tokens.map((token) => find(token)))).filter((state) => state !== undefined)).toHaveLength(1);
      });
    }

    function describeAuthorizations(): void {
      it('adds permissions one ticket after the other, each until its own end', async () => {
        const token = await issued();
        const [one, two] = [await shared(), await shared()];
        await first.uma1Tokens.authorize(exampleAuthorization(token, [one.share]), EXAMPLE_TIME);
        const later = exampleAuthorization(token, [two.share], { issuedAt: EXAMPLE_TIME + 100, expiresAt: EXAMPLE_TIME + 700 });
        await first.uma1Tokens.authorize(later, EXAMPLE_TIME + 100);
        const [early, late] = [
          { resourceId: one.resource.id, scopes: ['view'], issuedAt: EXAMPLE_TIME, expiresAt: EXAMPLE_TIME + 600 },
          { resourceId: two.resource.id, scopes: ['view'], issuedAt: EXAMPLE_TIME + 100, expiresAt: EXAMPLE_TIME + 700 },
        ];
        expect((await find(token, EXAMPLE_TIME + 599))?.permissions).toEqual([early, late]);
        expect((await find(token, EXAMPLE_TIME + 600))?.permissions).toEqual([late]);
        expect(await find(token, EXAMPLE_TIME + 700)).toMatchObject({ resourceServer: RS, permissions: [] });
        expect((await auditOf(later.ticketId)).map(({ event }) => event)).toEqual(['uma_1_token_authorized']);
      });

      it('ends no permission later than its token', async () => {
        const token = await issued({ expiresAt: EXAMPLE_TIME + 50 });
        const { share } = await shared();
        await first.uma1Tokens.authorize(exampleAuthorization(token, [share]), EXAMPLE_TIME);
        expect((await find(token))?.permissions).toMatchObject([{ expiresAt: EXAMPLE_TIME + 50 }]);
      });

      it.each([
        ['client', { clientId: 'other-app' as ClientId }],
        ['person', { requestingParty: 'carlos@bar.example' }],
        ['AAT', { aat: 'aat-of-another' as TokenId }],
        ['token', { tokenHash: 'hash-of-none' }],
      ])('adds nothing for another %s [L12]', async (_what, differences) => {
        const token = await issued();
        const { share } = await shared();
        expect(await first.uma1Tokens.authorize(exampleAuthorization(token, [share], differences), EXAMPLE_TIME)).toBe('token_unknown');
        expect(await find(token)).toMatchObject({ resourceServer: undefined, permissions: [] });
      });

      it('adds nothing to a token that has expired', async () => {
        const token = await issued({ expiresAt: EXAMPLE_TIME + 50 });
        const { share } = await shared();
        const now = token.expiresAt;
        expect(await first.uma1Tokens.authorize(exampleAuthorization(token, [share], { issuedAt: now }), now)).toBe('token_unknown');
      });

      it('keeps a token with the resource server of its first permission [A80]', async () => {
        const token = await issued();
        const { share } = await shared();
        const other = { resourceServer: 'rs-of-eve' as ClientId };
        expect(await first.uma1Tokens.authorize(exampleAuthorization(token, [share]), EXAMPLE_TIME)).toBe('recorded');
        expect(await first.uma1Tokens.authorize(exampleAuthorization(token, [share], other), EXAMPLE_TIME)).toBe('other_resource_server');
        expect(await first.uma1Tokens.authorize(exampleAuthorization(token, [share]), EXAMPLE_TIME)).toBe('recorded');
        expect(await find(token)).toMatchObject({ resourceServer: RS, permissions: [{ resourceId: share.resourceId }, { resourceId: share.resourceId }] });
      });

      it(`lets one of two resource servers win when both are asked for at once, ${PARALLEL} times`, async () => {
        const token = await issued();
        const { share } = await shared();
        const servers = ['rs-1', 'rs-2'] as ClientId[];
        const outcomes = await race(stores, PARALLEL, ({ uma1Tokens }, index) =>
          uma1Tokens.authorize(exampleAuthorization(token, [share], { resourceServer: servers[index % 2] ?? RS }), EXAMPLE_TIME),
        );
        const winner = (await find(token))?.resourceServer;
        expect(outcomes).toEqual(outcomes.map((_outcome, index) => (servers[index % 2] === winner ? 'recorded' : 'other_resource_server')));
      });

      it('takes a ticket once [L13]', async () => {
        const token = await issued();
        const { share } = await shared();
        const authorization = exampleAuthorization(token, [share]);
        await first.uma1Tokens.authorize(authorization, EXAMPLE_TIME);
        await expect(first.uma1Tokens.authorize(authorization, EXAMPLE_TIME)).rejects.toMatchObject({ error: 'invalid_grant', reason: 'ticket_already_granted' });
        expect((await find(token))?.permissions).toHaveLength(1);
      });
    }

    function describeWithdrawal(): void {
      it('ends what rests on a share when the share goes, and nothing else [G67]', async () => {
        const token = await issued();
        const [one, two, three] = [await shared(), await shared(), await shared()];
        await first.uma1Tokens.authorize(exampleAuthorization(token, [one.share, two.share]), EXAMPLE_TIME);
        await first.uma1Tokens.authorize(exampleAuthorization(token, [three.share]), EXAMPLE_TIME);
        await first.shares.remove(two.share.id, two.resource.owner);
        expect((await find(token))?.permissions.map(({ resourceId }) => resourceId)).toEqual([three.resource.id]);
        await first.resources.remove(three.resource.id, three.resource.resourceServer);
        expect((await find(token))?.permissions).toEqual([]);
      });

      it('adds nothing on a share that is gone, and leaves the token as it is', async () => {
        const token = await issued();
        const { share } = await shared();
        const gone = exampleAuthorization(token, [share], { shares: [share.id, 'shr_never-was' as ShareId] });
        expect(await first.uma1Tokens.authorize(gone, EXAMPLE_TIME)).toBe('share_withdrawn');
        expect(await find(token)).toMatchObject({ resourceServer: undefined, permissions: [] });
        expect(await first.uma1Tokens.authorize({ ...gone, shares: [share.id] }, EXAMPLE_TIME)).toBe('recorded');
      });

      it('leaves nothing alive on a share that goes while permissions are added [G67]', async () => {
        const { share, resource } = await shared();
        const tokens = await Promise.all(Array.from({ length: PARALLEL }, () => issued()));
        const removal = first.shares.remove(share.id, resource.owner);
        const outcomes = await race(stores, PARALLEL, ({ uma1Tokens }, index) => uma1Tokens.authorize(exampleAuthorization(tokens[index] as NewUma1Token, [share]), EXAMPLE_TIME));
        expect(await removal).toBe(true);
        for (const outcome of outcomes) expect(['recorded', 'share_withdrawn']).toContain(outcome);
        const states = await Promise.all(tokens.map((token) => find(token)));
        expect(states.flatMap((state) => state?.permissions ?? [])).toEqual([]);
      });
    }
  });
}
