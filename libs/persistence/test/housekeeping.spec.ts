import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AS_RO, exampleClaimsToken, exampleGrant, examplePersistedClaims, exampleRefreshToken, exampleRequest, exampleResource, exampleShare, FakeClock } from '@uma-federation/testing';
import type { ClientId, ConsentId, TokenId } from '@uma-federation/uma-core';
import { createPostgresStores, type AsRoStores } from '../src/as-ro-stores.ts';
import { createMemoryStores } from '../src/create-memory-stores.ts';
import { connect, type Database } from '../src/database.ts';
import { forgetExpired, RETENTION_SECONDS, startHousekeeping } from '../src/housekeeping.ts';
import { eventually } from './eventually.ts';
import { asOwner, createAsRoDatabase, PATIENT, type TestDatabase } from './test-database.ts';
import { embeddedServer } from './test-servers.ts';

const CLOCK_SKEW_SECONDS = 60;

describe('housekeeping', () => {
  let server: TestDatabase;
  let service: Database;
  let stores: AsRoStores;
  beforeAll(async () => {
    server = await createAsRoDatabase(embeddedServer());
    service = connect({ ...PATIENT, url: server.serviceUrl });
    stores = createPostgresStores(service);
  });
  afterAll(async () => {
    await service.close();
    await server.drop();
  });

  const ticketOf = ({ issuer, ticketId, expiresAt }: ReturnType<typeof exampleGrant>) => ({ issuer, tokenId: ticketId, expiresAt });
  const rows = async (): Promise<number[]> =>
    asOwner(server, async (owner) => {
      const [row] = await owner.run(
        (sql) => sql<{ counts: number[] }[]>`
          select array[(select count(*) from as_ro.redeemed_ticket), (select count(*) from as_ro.consumed_claims_token),
            (select count(*) from as_ro.requesting_party_token), (select count(*) from as_ro.requesting_party_token_share)]::int[] as counts`,
      );
      return row?.counts ?? [];
    });

  it('keeps used tickets and claims tokens for as long as a verifier could accept them, and longer; then forgets them', async () => {
    const resource = exampleResource();
    await stores.resources.create(resource);
    const share = exampleShare(resource);
    await stores.shares.create(share);
    const grant = exampleGrant([share]);
    const claimsToken = exampleClaimsToken({ expiresAt: grant.expiresAt });
    await stores.tickets.take(ticketOf(grant));
    await stores.grants.record(grant, claimsToken);
    expect(RETENTION_SECONDS).toBeGreaterThanOrEqual(CLOCK_SKEW_SECONDS);
    expect(await forgetExpired(service, grant.expiresAt + RETENTION_SECONDS)).toBe(0);
    expect(await stores.tickets.take(ticketOf(grant))).toBe(false);
    expect(await stores.grants.consumeClaimsToken(claimsToken)).toBe(false);
    expect(await forgetExpired(service, grant.expiresAt + RETENTION_SECONDS + 1)).toBe(3);
    expect(await rows()).toEqual([0, 0, 0, 0]);
  });

  it('goes on batch by batch until nothing is left that has expired, and touches nothing else', async () => {
    const expired = Array.from({ length: 7 }, () => exampleGrant([], { issuedAt: 1, expiresAt: 100 }));
    const alive = exampleGrant([]);
    for (const grant of [...expired, alive]) await stores.tickets.take(ticketOf(grant));
    expect(await forgetExpired(service, 100 + RETENTION_SECONDS + 1, 3)).toBe(7);
    expect(await stores.tickets.take(ticketOf(alive))).toBe(false);
    expect(await forgetExpired(service, alive.expiresAt + RETENTION_SECONDS + 1, 1)).toBe(1);
  });

  it('keeps a used refresh token of PATs until it would have expired, then forgets it; consents are kept', async () => {
    const clock = new FakeClock();
    const now = clock.now();
    const tidied: ((time: number) => Promise<unknown>)[] = [(time) => forgetExpired(service, time), async (time) => clock.set(time)];
    for (const [index, { consents, protectionRefreshTokens: tokens }] of [stores, createMemoryStores(clock)].entries()) {
      const [owner, resourceServer, consent] = [`alice-${index}@foo.example`, 'rs' as ClientId, `cns_${index}` as ConsentId];
      await consents.use({ owner, resourceServer, fresh: consent, now });
      await tokens.keep({ hash: 'first', resourceServer, consent, expiresAt: now + 300 });
      const present = (hash: string, next: string) => tokens.rotate({ hash, resourceServer, now }, { hash: next, expiresAt: now + 9000 });
      expect(await present('first', 'second')).toEqual({ owner, consent });
      await tidied[index]?.(now + 300 + RETENTION_SECONDS + 60);
      await tokens.keep({ hash: 'other', resourceServer, consent, expiresAt: now + 9000 });
      expect(await present('first', 'x')).toBeUndefined();
      expect(await present('second', 'third')).toEqual({ owner, consent });
      await tidied[index]?.(now + 9000 + RETENTION_SECONDS + 60);
      expect(await consents.listByOwner(owner)).toHaveLength(1);
    }
  });

  /** A request, persisted claims and a refresh token that was used once, all with the same end. */
  const longLived = async (into: AsRoStores, createdAt: number, expiresAt: number) => {
    const resource = exampleResource();
    await into.resources.create(resource);
    const share = exampleShare(resource);
    await into.shares.create(share);
    const request = exampleRequest(resource, { createdAt, expiresAt });
    await into.requests.submit(request, 100);
    const grant = exampleGrant([share], { issuedAt: createdAt, expiresAt: createdAt + 1, requestingParty: `bob-until-${expiresAt}@bar.example` });
    const persistedClaims = examplePersistedClaims(grant, { expiresAt });
    const refreshToken = exampleRefreshToken(grant, { expiresAt });
    await into.grants.record({ ...grant, refreshId: refreshToken.id }, undefined, { persistedClaims, refreshToken });
    const { tokenHash, clientId } = refreshToken;
    const current = await into.refreshTokens.rotate({ tokenHash, clientId, nextTokenHash: `next-${tokenHash}`, thumbprint: undefined, now: createdAt });
    return { request, persistedClaims, current, grant };
  };
  const isRemembered = async (from: AsRoStores, { request, persistedClaims, current }: Awaited<ReturnType<typeof longLived>>) => [
    (await from.requests.find(request.id, 1)) !== undefined,
    (await from.persistedClaims.find(persistedClaims.tokenHash, 1)) !== undefined,
    (await from.refreshTokens.revoke(current?.tokenHash ?? '', 'another' as ClientId, 1)) === 'another_client',
  ];
  const longLivedRows = async (): Promise<number[]> =>
    asOwner(server, async (owner) => {
      const [row] = await owner.run(
        (sql) => sql<{ counts: number[] }[]>`
          select array[(select count(*) from as_ro.authorization_request), (select count(*) from as_ro.persisted_claims),
            (select count(*) from as_ro.refresh_token), (select count(*) from as_ro.used_refresh_token)]::int[] as counts`,
      );
      return row?.counts ?? [];
    });

  it('forgets requests, persisted claims and refresh tokens when they have expired, with the uses of the latter, and none that has not', async () => {
    const expired = await longLived(stores, 1, 100);
    const alive = await longLived(stores, 1, 101);
    await forgetExpired(service, 100 + RETENTION_SECONDS);
    expect(await longLivedRows()).toEqual([2, 2, 2, 2]);
    expect(await forgetExpired(service, 100 + RETENTION_SECONDS + 1)).toBe(3);
    expect(await longLivedRows()).toEqual([1, 1, 1, 1]);
    expect(await isRemembered(stores, expired)).toEqual([false, false, false]);
    expect(await isRemembered(stores, alive)).toEqual([true, true, true]);
    expect(await forgetExpired(service, 101 + RETENTION_SECONDS + 1)).toBe(3);
    expect(await longLivedRows()).toEqual([0, 0, 0, 0]);
  });

  it('forgets them in memory too, as time passes', async () => {
    const clock = new FakeClock();
    const memory = createMemoryStores(clock);
    const entry = await longLived(memory, clock.now(), clock.now() + 100);
    const alive = await longLived(memory, clock.now(), clock.now() + 10_000);
    clock.advance(100 + RETENTION_SECONDS);
    await memory.tickets.take(ticketOf(exampleGrant([])));
    expect(await isRemembered(memory, entry)).toEqual([true, true, true]);
    clock.advance(60);
    await memory.tickets.take(ticketOf(exampleGrant([])));
    expect(await isRemembered(memory, entry)).toEqual([false, false, false]);
    expect(await isRemembered(memory, alive)).toEqual([true, true, true]);
  });

  it('forgets RPTs of UMA 1.0 and what was added to them', async () => {
    const resource = exampleResource();
    await stores.resources.create(resource);
    const share = exampleShare(resource);
    await stores.shares.create(share);
    const holder = { tokenHash: 'hash', aat: 'aat' as TokenId, clientId: 'old-app' as ClientId, requestingParty: 'bob@bar.example', issuedAt: 1 };
    await stores.uma1Tokens.issue({ ...holder, expiresAt: 200 }, 'ended');
    const added = { ...holder, issuer: AS_RO, ticketId: 'pt' as TokenId, resourceServer: resource.resourceServer, owner: resource.owner, permissions: [], shares: [share.id], expiresAt: 100 };
    expect(await stores.uma1Tokens.authorize(added, 1)).toBe('recorded');
    const left = async () => asOwner(server, (owner) => owner.run((sql) => sql<{ count: number }[]>`
      select ((select count(*) from as_ro.uma1_token) + (select count(*) from as_ro.uma1_authorization) + (select count(*) from as_ro.uma1_authorization_share))::int as count`));
    expect(await left()).toMatchObject([{ count: 3 }]);
    expect(await forgetExpired(service, 100 + RETENTION_SECONDS + 1)).toBe(1);
    expect(await left()).toMatchObject([{ count: 1 }]);
    expect(await forgetExpired(service, 200 + RETENTION_SECONDS + 1)).toBe(1);
    expect(await left()).toMatchObject([{ count: 0 }]);
  });

  it('does the same in memory, as time passes', async () => {
    const clock = new FakeClock();
    const memory = createMemoryStores(clock);
    const grant = exampleGrant([], { issuedAt: clock.now(), expiresAt: clock.now() + 300 });
    const claimsToken = exampleClaimsToken({ expiresAt: grant.expiresAt });
    await memory.tickets.take(ticketOf(grant));
    await memory.grants.record(grant, claimsToken);
    clock.set(grant.expiresAt + RETENTION_SECONDS);
    expect(await memory.tickets.take(ticketOf(grant))).toBe(false);
    clock.advance(60);
    expect(await memory.tickets.take(ticketOf(grant))).toBe(true);
    expect(await memory.grants.record(grant, claimsToken)).toBe('recorded');
  });

  it('runs every interval, survives a failing round and stops when told', async () => {
    jest.useFakeTimers({ doNotFake: ['performance', 'nextTick', 'setImmediate', 'setTimeout', 'clearTimeout'] });
    try {
      const clock = new FakeClock();
      const grant = exampleGrant([], { issuedAt: 1, expiresAt: 100 });
      await stores.tickets.take(ticketOf(grant));
      const failures: unknown[] = [];
      const broken = connect({ url: 'postgres://nobody:nothing@127.0.0.1:1/none' });
      const failing = startHousekeeping(broken, { intervalMs: 1000, clock, onFailure: (error) => failures.push(error) });
      const working = startHousekeeping(service, { intervalMs: 1000, clock });
      jest.advanceTimersByTime(999);
      expect((await rows())[0]).toBe(1);
      jest.advanceTimersByTime(1);
      await eventually(async () => (await rows())[0] === 0 && failures.length === 1);
      jest.advanceTimersByTime(1000);
      await eventually(() => failures.length === 2);
      await Promise.all([failing.stop(), working.stop()]);
      expect(failures).toMatchObject([{ status: 503 }, { status: 503 }]);
      await stores.tickets.take(ticketOf(grant));
      jest.advanceTimersByTime(5000);
      expect((await rows())[0]).toBe(1);
      await broken.close();
    } finally {
      jest.useRealTimers();
    }
  });
});
