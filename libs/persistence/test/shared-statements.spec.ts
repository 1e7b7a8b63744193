import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleClaimsToken, exampleGrant, exampleResource, exampleShare } from '@uma-federation/testing';
import type { Share } from '@uma-federation/uma-core';
import { createPostgresStores, type AsRoStores } from '../src/as-ro-stores.ts';
import { connect, type Database } from '../src/database.ts';
import { createAsRoDatabase, PATIENT, type TestDatabase } from './test-database.ts';
import { embeddedServer } from './test-servers.ts';

/** Requests of one turn of the event loop go to PostgreSQL in one statement: what they have in common must not change what each gets. */
describe('requests that share a statement', () => {
  let database: TestDatabase;
  let service: Database;
  let stores: AsRoStores;
  beforeAll(async () => {
    database = await createAsRoDatabase(embeddedServer());
    service = connect({ ...PATIENT, url: database.serviceUrl, maxConnections: 2 });
    stores = createPostgresStores(service);
  });
  afterAll(async () => {
    await service.close();
    await database.drop();
  });

  const shared = async (): Promise<Share> => {
    const resource = exampleResource();
    await stores.resources.create(resource);
    const share = exampleShare(resource);
    await stores.shares.create(share);
    return share;
  };

  it('A16 of two presentations of one ticket exactly one takes it, and the tickets beside it are taken', async () => {
    const [one, other] = [exampleGrant([]), exampleGrant([])];
    const ticket = ({ issuer, ticketId, expiresAt }: typeof one) => ({ issuer, tokenId: ticketId, expiresAt });
    expect(await Promise.all([one, other, one].map((grant) => stores.tickets.take(ticket(grant))))).toEqual([true, true, false]);
    expect(await Promise.all([one, other].map((grant) => stores.tickets.take(ticket(grant))))).toEqual([false, false]);
  });

  it('A7 of two grants on one claims token exactly one is recorded', async () => {
    const share = await shared();
    const claimsToken = exampleClaimsToken();
    const [one, other, third] = [exampleGrant([share]), exampleGrant([share]), exampleGrant([share])];
    const outcomes = await Promise.all([stores.grants.record(one, claimsToken), stores.grants.record(other, claimsToken), stores.grants.record(third, exampleClaimsToken())]);
    expect(outcomes).toEqual(['recorded', 'claims_token_used', 'recorded']);
    const active = await Promise.all([one, other, third].map(({ issuer, tokenId, issuedAt }) => stores.grants.isActive(issuer, tokenId, issuedAt)));
    expect(active).toEqual([true, false, true]);
  });

  it('a grant whose share is gone takes no other along, and its claims token is free for the next [G67]', async () => {
    const [share, gone] = [await shared(), await shared()];
    await stores.shares.remove(gone.id, gone.owner);
    const claimsToken = exampleClaimsToken();
    const outcomes = await Promise.all([
      stores.grants.record(exampleGrant([gone]), claimsToken),
      stores.grants.record(exampleGrant([share, gone])),
      stores.grants.record(exampleGrant([share]), claimsToken),
    ]);
    expect(outcomes).toEqual(['share_withdrawn', 'share_withdrawn', 'recorded']);
  });

  it('A16 a second RPT for one ticket is refused, and the grant beside it is recorded', async () => {
    const share = await shared();
    const first = exampleGrant([share]);
    expect(await stores.grants.record(first, exampleClaimsToken())).toBe('recorded');
    const [again, beside] = [{ ...exampleGrant([share]), ticketId: first.ticketId }, exampleGrant([share])];
    const outcomes = await Promise.allSettled([stores.grants.record(again, exampleClaimsToken()), stores.grants.record(beside, exampleClaimsToken())]);
    expect(outcomes).toMatchObject([{ status: 'rejected', reason: { error: 'invalid_grant' } }, { status: 'fulfilled', value: 'recorded' }]);
  });

  it('every grant of a statement has its own audit entry, links and permissions', async () => {
    const shares = [await shared(), await shared()];
    const grants = shares.map((share) => exampleGrant([share]));
    await Promise.all(grants.map((grant) => stores.grants.record(grant, exampleClaimsToken())));
    const owner = connect({ ...PATIENT, url: database.url, maxConnections: 1 });
    const rows = await owner.run(
      (sql) => sql<{ jti: string; shares: string[]; linked: string }[]>`
        select data ->> 'jti' as jti, data -> 'shares' as shares, link.share_id as linked
        from as_ro.audit join as_ro.requesting_party_token as token on token.jti = data ->> 'jti'
        join as_ro.requesting_party_token_share as link on link.token_id = token.id
        where token.jti = any(${grants.map(({ tokenId }) => tokenId)})`,
    );
    await owner.close();
    expect(rows.map(({ jti, shares: named, linked }) => [jti, named, linked]).sort()).toEqual(grants.map((grant, index) => [grant.tokenId, [shares[index]?.id], shares[index]?.id]).sort());
  });

  it('reading gives each caller the shares and resources of its own ids', async () => {
    const [one, other] = [await shared(), await shared()];
    const found = await Promise.all([stores.shares.findByResources([one.resourceId]), stores.shares.findByResources([other.resourceId, one.resourceId]), stores.shares.findByResources([])]);
    expect(found.map((shares) => shares.map(({ id }) => id))).toEqual([[one.id], [one.id, other.id], []]);
    const resources = await Promise.all([stores.resources.findAll([other.resourceId]), stores.resources.findAll([])]);
    expect(resources.map((list) => list.map(({ id }) => id))).toEqual([[other.resourceId], []]);
  });
});
