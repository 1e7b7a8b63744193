import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientId, GrantRecord, PersistedClaims } from '@uma-federation/uma-core';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores, type StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { EXAMPLE_TIME, exampleGrant, examplePersistedClaims, freshId } from './store-examples.ts';

const ROUNDS = 5;

/**
 * The guarantees of `PersistedClaimsStore`, whose entries `GrantLedger.record` makes.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describePersistedClaimsStore(implementation: string, makeStores: MakeStores): void {
  describe(`persisted claims store: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    let first: StoresOfOneReplica;
    beforeAll(async () => {
      stores = await makeStores();
      [first] = stores.replicas;
    });
    afterAll(() => stores.dispose());

    const somebody = (): string => `${freshId<string>('bob-')}@bar.example`;
    const remembered = async (grant: Partial<GrantRecord>, differences: Partial<PersistedClaims> = {}): Promise<PersistedClaims> => {
      const record = exampleGrant([], grant);
      const persistedClaims = examplePersistedClaims(record, differences);
      expect(await first.grants.record(record, undefined, { persistedClaims })).toBe('recorded');
      return persistedClaims;
    };
    const find = ({ tokenHash }: PersistedClaims) => first.persistedClaims.find(tokenHash, EXAMPLE_TIME);
    const auditOf = async ({ id }: PersistedClaims) => (await stores.audit()).filter(({ event, data }) => event !== 'token_granted' && data['id'] === id);

    describeReading();
    describeReplacing();
    describeErasing();
    describeRevoking();

    function describeReading(): void {
      it('finds what was recorded, with the client and the key that alone may use it [G56]', async () => {
        const bound = await remembered({ requestingParty: somebody() }, { thumbprint: freshId('jkt-') });
        const unbound = await remembered({ requestingParty: somebody() });
        for (const entry of [bound, unbound]) expect(await find(entry)).toEqual(entry);
        expect(await first.persistedClaims.find('hash-of-nothing', EXAMPLE_TIME)).toBeUndefined();
        expect(await first.persistedClaims.find(bound.id, EXAMPLE_TIME)).toBeUndefined();
      });

      it('finds and lists it until the second before its expiry', async () => {
        const requestingParty = somebody();
        const { tokenHash, expiresAt } = await remembered({ requestingParty });
        expect(await first.persistedClaims.find(tokenHash, expiresAt - 1)).toBeDefined();
        expect(await first.persistedClaims.find(tokenHash, expiresAt)).toBeUndefined();
        expect(await first.persistedClaims.listByPerson(requestingParty, expiresAt - 1)).toHaveLength(1);
        expect(await first.persistedClaims.listByPerson(requestingParty, expiresAt)).toEqual([]);
      });

      it('lists what is remembered of one person, newest first', async () => {
        const requestingParty = somebody();
        const entries: PersistedClaims[] = [];
        for (const age of [20, 0, 10]) entries.push(await remembered({ requestingParty, clientId: `client-${age}` as ClientId }, { createdAt: EXAMPLE_TIME - age }));
        await remembered({ requestingParty: somebody() });
        const [oldest, newest, middle] = entries;
        expect(await first.persistedClaims.listByPerson(requestingParty, EXAMPLE_TIME)).toEqual([newest, middle, oldest]);
        expect(await first.persistedClaims.listByPerson(requestingParty.toUpperCase(), EXAMPLE_TIME)).toEqual([]);
      });
    }

    function describeReplacing(): void {
      it.each([undefined, 'jkt-of-this-client'])('puts the new in the place of the old of the same person, client and key (%s), and of nothing else [G56]', async (thumbprint) => {
        const requestingParty = somebody();
        const clientId = freshId<ClientId>('client-');
        const others = [
          await remembered({ requestingParty, clientId }, { thumbprint: 'jkt-of-another' }),
          await remembered({ requestingParty, clientId }, { thumbprint: thumbprint === undefined ? 'jkt-of-this-client' : undefined }),
          await remembered({ requestingParty, clientId: freshId<ClientId>('client-') }, { thumbprint }),
          await remembered({ requestingParty: requestingParty.toUpperCase(), clientId }, { thumbprint }),
          await remembered({ requestingParty: somebody(), clientId }, { thumbprint }),
        ].map(({ thumbprint: key, ...entry }): PersistedClaims => ({ ...entry, ...(key === undefined ? {} : { thumbprint: key }) }));
        const old = await remembered({ requestingParty, clientId }, { thumbprint });
        const replacement = await remembered({ requestingParty, clientId }, { thumbprint, createdAt: EXAMPLE_TIME + 1 });
        expect(await find(old)).toBeUndefined();
        expect(await find(replacement)).toEqual(JSON.parse(JSON.stringify(replacement)));
        for (const other of others) expect(await find(other)).toEqual(other);
      });

      it(`remembers one entry of ${PARALLEL} parallel grants for the same person, client and key`, async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const requestingParty = somebody();
          const grants = Array.from({ length: PARALLEL }, () => exampleGrant([], { requestingParty }));
          const entries = grants.map((grant, index) => examplePersistedClaims(grant, index % 2 === 0 ? {} : { thumbprint: 'jkt-of-this-client' }));
          const outcomes = await race(stores, PARALLEL, ({ grants: ledger }, index) => ledger.record(grants[index] as GrantRecord, undefined, { persistedClaims: entries[index] }));
          expect(new Set(outcomes)).toEqual(new Set(['recorded']));
          const kept = await first.persistedClaims.listByPerson(requestingParty, EXAMPLE_TIME);
          expect(kept.map(({ thumbprint }) => thumbprint).sort()).toEqual(['jkt-of-this-client', undefined]);
          for (const entry of kept) expect(entries).toContainEqual(entry);
        }
      });
    }

    function describeErasing(): void {
      it('erases one entry about a person and leaves the others, with an audit entry that does not name them', async () => {
        const requestingParty = somebody();
        const [one, other] = [await remembered({ requestingParty }), await remembered({ requestingParty, clientId: 'client-2' as ClientId })];
        expect(await first.persistedClaims.erase(requestingParty, one.id)).toBe(1);
        expect(await find(one)).toBeUndefined();
        expect(await find(other)).toEqual(other);
        expect(await first.persistedClaims.erase(requestingParty, one.id)).toBe(0);
        expect(await auditOf(one)).toEqual([{ event: 'persisted_claims_erased', data: { id: one.id, client_id: one.clientId } }]);
        expect(await auditOf(other)).toEqual([]);
      });

      it('erases everything about a person, and nothing about anybody else', async () => {
        const requestingParty = somebody();
        const own = [await remembered({ requestingParty }), await remembered({ requestingParty }, { thumbprint: 'jkt' })];
        const foreign = await remembered({ requestingParty: somebody() });
        expect(await first.persistedClaims.erase(requestingParty.toUpperCase())).toBe(0);
        expect(await first.persistedClaims.erase(requestingParty)).toBe(2);
        expect(await first.persistedClaims.erase(requestingParty)).toBe(0);
        for (const entry of own) {
          expect(await find(entry)).toBeUndefined();
          expect(await auditOf(entry)).toHaveLength(1);
        }
        expect(await find(foreign)).toEqual(foreign);
      });

      it('erases nothing that is about somebody else, whoever knows its id', async () => {
        const [foreign, requestingParty] = [await remembered({ requestingParty: somebody() }), somebody()];
        const own = await remembered({ requestingParty });
        for (const id of [foreign.id, foreign.tokenHash, own.tokenHash, '%', '']) expect(await first.persistedClaims.erase(requestingParty, id)).toBe(0);
        for (const entry of [own, foreign]) expect(await find(entry)).toEqual(entry);
      });
    }

    function describeRevoking(): void {
      it('forgets what a token stands for when its own client revokes it', async () => {
        const requestingParty = somebody();
        const [entry, other] = [await remembered({ requestingParty }), await remembered({ requestingParty: somebody() })];
        expect(await first.persistedClaims.revoke(entry.tokenHash, entry.clientId)).toBe('revoked');
        expect(await find(entry)).toBeUndefined();
        expect(await first.persistedClaims.listByPerson(requestingParty, EXAMPLE_TIME)).toEqual([]);
        expect(await first.persistedClaims.revoke(entry.tokenHash, entry.clientId)).toBe('unknown');
        expect(await find(other)).toEqual(other);
      });

      it('tells another client apart from an unknown token, and does nothing for either [G56]', async () => {
        const entry = await remembered({ requestingParty: somebody() });
        expect(await first.persistedClaims.revoke(entry.tokenHash, 'https://mallory.example/app' as ClientId)).toBe('another_client');
        expect(await first.persistedClaims.revoke('hash-of-nothing', entry.clientId)).toBe('unknown');
        expect(await find(entry)).toEqual(entry);
      });
    }
  });
}
