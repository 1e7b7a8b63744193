import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AuthorizationRequest, ClientId, Issuer, RequestId, Resource, ResourceId, Share } from '@uma-federation/uma-core';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores, type StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { EXAMPLE_TIME, exampleRequest, exampleResource, exampleShare } from './store-examples.ts';

const ROUNDS = 5;
/** More than any example needs. */
const LIMIT = 1000;

/**
 * The guarantees of `AuthorizationRequestStore`, alone and against removals by `ResourceRegistry`.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeAuthorizationRequestStore(implementation: string, makeStores: MakeStores): void {
  describe(`authorization request store: ${implementation}`, () => {
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
    const submitted = async (resource: Resource, differences: Partial<AuthorizationRequest> = {}): Promise<AuthorizationRequest> => {
      const request = exampleRequest(resource, differences);
      expect(await first.requests.submit(request, LIMIT)).toEqual({ id: request.id, status: 'pending' });
      return request;
    };
    const find = (id: RequestId) => first.requests.find(id, EXAMPLE_TIME);
    const auditOf = async (id: RequestId) => (await stores.audit()).filter(({ data }) => data['request'] === id).map(({ event }) => event);
    const auditOfShare = async ({ id }: Share) => (await stores.audit()).filter(({ data }) => data['share'] === id).map(({ event }) => event);

    describeSubmitting();
    describeReading();
    describeApproving();
    describeDeciding();

    function describeSubmitting(): void {
      it('puts a request before its owner, and on the record', async () => {
        const resource = await registered();
        const request = await submitted(resource, {
          permissions: [{ resourceId: resource.id, scopes: ['view', 'print'], conditions: { acrValues: ['phr'], claims: { level: 3 }, ask: true }, expiresAt: EXAMPLE_TIME + 50 }],
        });
        expect(await find(request.id)).toEqual(request);
        const [entry, ...others] = (await stores.audit()).filter(({ data }) => data['request'] === request.id);
        expect(others).toEqual([]);
        expect(entry).toEqual({
          event: 'authorization_requested',
          data: { request: request.id, owner: request.owner, requesting_party: request.requestingParty, client_id: request.clientId },
        });
      });

      it('makes one of equal requests, in whatever order they name what they ask for, while it is pending and after a no', async () => {
        const [one, two] = [await registered(), await registered()];
        const ask = (ids: readonly Resource[], scopes: readonly string[]) => ids.map(({ id }) => ({ resourceId: id, scopes, conditions: {} }));
        const standing = await submitted(one, { permissions: ask([one, two], ['view', 'print']) });
        const again = exampleRequest(one, { permissions: ask([two, one], ['print', 'view']), createdAt: EXAMPLE_TIME + 1 });
        expect(await first.requests.submit(again, LIMIT)).toEqual({ id: standing.id, status: 'pending' });
        expect(await first.requests.deny(standing.id, standing.owner, EXAMPLE_TIME)).toBe(true);
        expect(await first.requests.submit(again, LIMIT)).toEqual({ id: standing.id, status: 'denied' });
        expect(await find(again.id)).toBeUndefined();
        expect(await auditOf(again.id)).toEqual([]);
      });

      it('lets no more than so many requests of one issuer wait for one owner; equal ones, decided and expired ones do not count', async () => {
        const issuer = 'https://as.flood.example' as Issuer;
        const resource = await registered({ owner: 'much.asked@foo.example' });
        const ask = (requestingParty: string, differences: Partial<AuthorizationRequest> = {}) => exampleRequest(resource, { issuer, requestingParty, ...differences });
        const expired = ask('x0@flood.example', { createdAt: EXAMPLE_TIME - 100, expiresAt: EXAMPLE_TIME });
        const waiting = [ask('x1@flood.example'), ask('x2@flood.example')] as const;
        for (const request of [expired, ...waiting]) expect(await first.requests.submit(request, 2)).toEqual({ id: request.id, status: 'pending' });
        expect(await first.requests.submit(ask('x3@flood.example'), 2)).toBeUndefined();
        expect(await first.requests.submit(ask('x1@flood.example'), 2)).toEqual({ id: waiting[0].id, status: 'pending' });
        const other = exampleRequest(resource);
        expect(await first.requests.submit(other, 2)).toEqual({ id: other.id, status: 'pending' });
        const elsewhere = ask('x3@flood.example', { owner: 'less.asked@foo.example' });
        expect(await first.requests.submit(elsewhere, 2)).toEqual({ id: elsewhere.id, status: 'pending' });
        expect(await first.requests.deny(waiting[1].id, resource.owner, EXAMPLE_TIME)).toBe(true);
        const next = ask('x3@flood.example');
        expect(await first.requests.submit(next, 2)).toEqual({ id: next.id, status: 'pending' });
      });

      it('takes requests for others that differ in who asks, whom, with what, where or for what', async () => {
        const resource = await registered({ scopes: ['view', 'print', 'print view'] });
        await submitted(resource);
        const asking = (scopes: readonly string[], resourceId = resource.id) => ({ permissions: [{ resourceId, scopes, conditions: {} }] });
        const others: Partial<AuthorizationRequest>[] = [
          { requestingParty: 'carol@bar.example' },
          { requestingParty: 'Bob@bar.example' },
          { clientId: 'https://client.bar.example/other' as ClientId },
          { resourceServer: 'rs-elsewhere' as ClientId },
          { owner: `heir-of-${resource.owner}` },
          asking([]),
          asking(['view', 'print']),
          asking(['print view']),
          asking(['view'], `${resource.id}-2` as ResourceId),
        ];
        for (const differences of others) await submitted(resource, differences);
      });

      it(`makes one of ${PARALLEL} parallel equal requests, and tells all of them which`, async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const resource = await registered();
          const requests = Array.from({ length: PARALLEL }, () => exampleRequest(resource));
          const answers = await race(stores, PARALLEL, (replica, index) => replica.requests.submit(requests[index] as AuthorizationRequest, LIMIT));
          const [standing, ...others] = await first.requests.listByOwner(resource.owner, EXAMPLE_TIME);
          expect(others).toEqual([]);
          expect(requests).toContainEqual(standing);
          expect(new Set(answers.map((answer) => `${answer?.id} ${answer?.status}`))).toEqual(new Set([`${standing?.id} pending`]));
          expect((await Promise.all(requests.map(({ id }) => auditOf(id)))).flat()).toEqual(['authorization_requested']);
        }
      });

      it('has room for the next when the request was approved: its shares may have been taken back since', async () => {
        const resource = await registered();
        const approved = await submitted(resource);
        await first.requests.approve(approved.id, resource.owner, [], EXAMPLE_TIME);
        const next = await submitted(resource);
        expect((await find(approved.id))?.status).toBe('approved');
        expect((await find(next.id))?.status).toBe('pending');
      });

      it.each(['pending', 'denied'] as const)('has room for the next when a request that is %s has expired, not a second earlier', async (status) => {
        const resource = await registered();
        const old = await submitted(resource);
        const other = await submitted(resource, { requestingParty: 'carol@bar.example', createdAt: EXAMPLE_TIME + 1, expiresAt: EXAMPLE_TIME + 999_999 });
        if (status === 'denied') await first.requests.deny(old.id, old.owner, EXAMPLE_TIME);
        expect(await first.requests.submit(exampleRequest(resource, { createdAt: old.expiresAt - 1 }), LIMIT)).toEqual({ id: old.id, status });
        const next = await submitted(resource, { createdAt: old.expiresAt, expiresAt: old.expiresAt + 86_400 });
        expect(await first.requests.find(next.id, old.expiresAt)).toEqual(next);
        expect(await first.requests.find(old.id, old.expiresAt)).toBeUndefined();
        expect(await first.requests.listByOwner(resource.owner, old.expiresAt)).toEqual([next, other]);
        expect(await auditOf(next.id)).toEqual(['authorization_requested']);
      });
    }

    function describeReading(): void {
      it('finds a request until the second before it is forgotten, decided or not', async () => {
        const resource = await registered();
        const request = await submitted(resource);
        for (const status of ['pending', 'denied']) {
          expect((await first.requests.find(request.id, request.expiresAt - 1))?.status).toBe(status);
          expect(await first.requests.find(request.id, request.expiresAt)).toBeUndefined();
          expect(await first.requests.listByOwner(request.owner, request.expiresAt - 1)).toHaveLength(1);
          expect(await first.requests.listByOwner(request.owner, request.expiresAt)).toEqual([]);
          await first.requests.deny(request.id, request.owner, EXAMPLE_TIME);
        }
        expect(await find('req_never-was' as RequestId)).toBeUndefined();
      });

      it('lists the requests to one owner, newest first', async () => {
        const [resource, foreign] = [await registered(), await registered()];
        const mine = [await submitted(resource), await submitted(resource, { requestingParty: 'carol@bar.example' }), await submitted(resource, { requestingParty: 'dave@bar.example' })];
        await submitted(foreign);
        expect(await first.requests.listByOwner(resource.owner, EXAMPLE_TIME)).toEqual([...mine].reverse());
        expect(await first.requests.listByOwner(resource.owner.toUpperCase(), EXAMPLE_TIME)).toEqual([]);
      });
    }

    function describeApproving(): void {
      it('creates the shares with the owner\'s yes, marks the request and puts all of it on the record', async () => {
        const [one, two] = [await registered(), exampleResource()];
        await first.resources.create({ ...two, owner: one.owner });
        const shares = [
          exampleShare(one, { grantee: { kind: 'person', email: 'bob@bar.example' }, scopes: ['print', 'view'], conditions: { acrValues: ['phr'] }, notBefore: EXAMPLE_TIME, expiresAt: EXAMPLE_TIME + 9 }),
          exampleShare(one, { grantee: { kind: 'unidentified' } }),
          exampleShare(two, { owner: one.owner, grantee: { kind: 'domain', domain: 'bar.example' }, scopes: [] }),
        ];
        const request = await submitted(one);
        expect(await first.requests.approve(request.id, one.owner, shares, EXAMPLE_TIME)).toBe(true);
        expect(new Set(await first.shares.listByOwner(one.owner))).toEqual(new Set(shares));
        expect(await find(request.id)).toEqual({ ...request, status: 'approved' });
        expect(await auditOf(request.id)).toEqual(['authorization_requested', 'authorization_request_approved']);
        for (const share of shares) expect(await auditOfShare(share)).toEqual(['share_created']);
      });

      it.each<[string, (own: Resource, foreign: Resource) => Partial<Share>]>([
        ['on a resource of another owner', (_own, foreign) => ({ resourceId: foreign.id })],
        ['in the name of another owner', (_own, foreign) => ({ resourceId: foreign.id, owner: foreign.owner })],
        ['in the name of another owner on the own resource', (_own, foreign) => ({ owner: foreign.owner })],
        ['on a resource that is gone', () => ({ resourceId: 'res_never-was' as ResourceId })],
        ['with a scope that the resource does not have', () => ({ scopes: ['view', 'delete'] })],
      ])('A26 writes nothing at all when one of the shares is %s [F32]', async (_which, differences) => {
        const [own, foreign] = [await registered(), await registered()];
        const request = await submitted(own);
        const shares = [exampleShare(own), exampleShare(own, differences(own, foreign)), exampleShare(own)];
        expect(await first.requests.approve(request.id, own.owner, shares, EXAMPLE_TIME)).toBe(false);
        expect(await first.shares.findByResources([own.id, foreign.id])).toEqual([]);
        expect((await find(request.id))?.status).toBe('pending');
        expect(await auditOf(request.id)).toEqual(['authorization_requested']);
        for (const share of shares) expect(await auditOfShare(share)).toEqual([]);
        expect(await first.requests.approve(request.id, own.owner, shares.slice(0, 1), EXAMPLE_TIME)).toBe(true);
      });

      it('changes no share that there is already, and takes no decision then', async () => {
        const resource = await registered();
        const share = exampleShare(resource);
        await first.shares.create(share);
        const request = await submitted(resource);
        await expect(first.requests.approve(request.id, resource.owner, [exampleShare(resource), { ...share, scopes: ['view', 'print'] }], EXAMPLE_TIME)).rejects.toThrow();
        expect(await first.shares.findByResources([resource.id])).toEqual([share]);
        expect((await find(request.id))?.status).toBe('pending');
      });

      it('leaves no share behind on a resource that goes while its owner says yes', async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const resource = await registered();
          const requests = await Promise.all(Array.from({ length: PARALLEL - 1 }, (_, index) => submitted(resource, { requestingParty: `bob-${index}@bar.example` })));
          await race(stores, PARALLEL, async (replica, index) => {
            const request = requests[index];
            if (request === undefined) return replica.resources.remove(resource.id, resource.resourceServer);
            return replica.requests.approve(request.id, resource.owner, [exampleShare(resource)], EXAMPLE_TIME);
          });
          expect(await first.shares.findByResources([resource.id])).toEqual([]);
        }
      });
    }

    function describeDeciding(): void {
      it('marks the request with the owner\'s no, and puts that on the record', async () => {
        const request = await submitted(await registered());
        expect(await first.requests.deny(request.id, request.owner, EXAMPLE_TIME)).toBe(true);
        expect(await find(request.id)).toEqual({ ...request, status: 'denied' });
        expect(await auditOf(request.id)).toEqual(['authorization_requested', 'authorization_request_denied']);
      });

      it('lets nobody but the owner decide', async () => {
        const resource = await registered();
        const request = await submitted(resource);
        for (const stranger of ['mallory@foo.example', request.requestingParty, resource.owner.toUpperCase(), '']) {
          expect(await first.requests.approve(request.id, stranger, [], EXAMPLE_TIME)).toBe(false);
          expect(await first.requests.approve(request.id, stranger, [exampleShare(resource)], EXAMPLE_TIME)).toBe(false);
          expect(await first.requests.deny(request.id, stranger, EXAMPLE_TIME)).toBe(false);
        }
        expect(await find(request.id)).toEqual(request);
        expect(await first.shares.findByResources([resource.id])).toEqual([]);
        expect(await first.requests.deny('req_never-was' as RequestId, request.owner, EXAMPLE_TIME)).toBe(false);
      });

      it.each(['approved', 'denied'] as const)('takes no second decision on a request that is %s', async (status) => {
        const resource = await registered();
        const request = await submitted(resource);
        if (status === 'approved') await first.requests.approve(request.id, request.owner, [], EXAMPLE_TIME);
        else await first.requests.deny(request.id, request.owner, EXAMPLE_TIME);
        const before = await auditOf(request.id);
        expect(await first.requests.approve(request.id, request.owner, [exampleShare(resource)], EXAMPLE_TIME)).toBe(false);
        expect(await first.requests.deny(request.id, request.owner, EXAMPLE_TIME)).toBe(false);
        expect((await find(request.id))?.status).toBe(status);
        expect(await first.shares.findByResources([resource.id])).toEqual([]);
        expect(await auditOf(request.id)).toEqual(before);
      });

      it('takes no decision on a request that has expired', async () => {
        const resource = await registered();
        const request = await submitted(resource);
        expect(await first.requests.approve(request.id, request.owner, [exampleShare(resource)], request.expiresAt)).toBe(false);
        expect(await first.requests.deny(request.id, request.owner, request.expiresAt)).toBe(false);
        expect(await first.shares.findByResources([resource.id])).toEqual([]);
        expect(await first.requests.deny(request.id, request.owner, request.expiresAt - 1)).toBe(true);
      });

      it(`takes exactly one of ${PARALLEL} parallel decisions, and makes its shares only`, async () => {
        for (let round = 0; round < ROUNDS; round += 1) {
          const resource = await registered();
          const request = await submitted(resource);
          const shares = Array.from({ length: PARALLEL }, () => exampleShare(resource));
          const decisions = await race(stores, PARALLEL, ({ requests }, index) =>
            (index + round) % 2 === 0 ? requests.approve(request.id, request.owner, [shares[index] as Share], EXAMPLE_TIME) : requests.deny(request.id, request.owner, EXAMPLE_TIME),
          );
          expect(decisions.filter(Boolean)).toHaveLength(1);
          const winner = decisions.indexOf(true);
          const isApproved = (winner + round) % 2 === 0;
          expect((await find(request.id))?.status).toBe(isApproved ? 'approved' : 'denied');
          expect(await first.shares.findByResources([resource.id])).toEqual(isApproved ? [shares[winner]] : []);
          expect(await auditOf(request.id)).toHaveLength(2);
        }
      });
    }
  });
}
