import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EXAMPLE_TIME, exampleClaimsToken, exampleGrant, exampleRefreshToken, exampleResource, exampleShare, freshId } from '@uma-federation/testing';
import type { ClientId, ConsentId, ConsumedClaimsToken, GrantRecord, Resource, Share, TokenId } from '@uma-federation/uma-core';
import { createPostgresStores, type AsRoStores } from '../src/as-ro-stores.ts';
import { connect, type Database } from '../src/database.ts';
import { holdTransaction } from './held-transaction.ts';
import { createAsRoDatabase, PATIENT, type TestDatabase } from './test-database.ts';
import { embeddedServer } from './test-servers.ts';

/** The races of the contract suites, with the other side stopped at the moment that matters. */
describe('statements that meet an unfinished transaction', () => {
  let database: TestDatabase;
  let owner: Database;
  let service: Database;
  let stores: AsRoStores;
  beforeAll(async () => {
    database = await createAsRoDatabase(embeddedServer());
    owner = connect({ ...PATIENT, url: database.url, maxConnections: 4 });
    // A session looks for a deadlock once, so long after it began to wait: long enough for a test on a busy machine to complete one.
    await owner.run((sql) => sql.unsafe(`alter role ${database.serviceRole} set deadlock_timeout = '5s'`));
    service = connect({ ...PATIENT, url: database.serviceUrl, maxConnections: 4 });
    stores = createPostgresStores(service);
  });
  afterAll(async () => {
    await Promise.all([owner.close(), service.close()]);
    await database.drop();
  });

  const shared = async (count = 1): Promise<{ resource: Resource; shares: [Share, ...Share[]] }> => {
    const resource = exampleResource();
    await stores.resources.create(resource);
    const first = exampleShare(resource);
    const shares: [Share, ...Share[]] = [first, ...Array.from({ length: count - 1 }, () => exampleShare(resource))];
    for (const share of shares) await stores.shares.create(share);
    return { resource, shares };
  };
  const isActive = ({ issuer, tokenId, issuedAt }: GrantRecord) => stores.grants.isActive(issuer, tokenId, issuedAt);
  const deleteShare = ({ id }: Share) => holdTransaction(owner, (sql) => sql`delete from as_ro.share where id = ${id}`);
  const consume = ({ issuer, tokenId, expiresAt }: ConsumedClaimsToken) =>
    holdTransaction(owner, (sql) => sql`insert into as_ro.consumed_claims_token values (${issuer}, ${tokenId}, ${expiresAt})`);

  it('a grant waits for the removal of its share, and then grants nothing and leaves its claims token unspent [G67]', async () => {
    const { shares } = await shared();
    const claimsToken = exampleClaimsToken();
    const grant = exampleGrant(shares);
    const removal = await deleteShare(shares[0]);
    const outcome = stores.grants.record(grant, claimsToken);
    await removal.someoneWaits();
    await removal.commit();
    expect(await outcome).toBe('share_withdrawn');
    expect(await isActive(grant)).toBe(false);
    expect(await stores.grants.consumeClaimsToken(claimsToken)).toBe(true);
  });

  it('a grant goes through when the removal of its share is rolled back', async () => {
    const { shares } = await shared();
    const removal = await deleteShare(shares[0]);
    const outcome = stores.grants.record(exampleGrant(shares), exampleClaimsToken());
    await removal.someoneWaits();
    await removal.rollback();
    expect(await outcome).toBe('recorded');
  });

  it('the removal of a share waits for a grant that has locked it: the grant was before, and ends with it [G67]', async () => {
    const { shares } = await shared();
    const [share] = shares;
    const grant = exampleGrant(shares);
    expect(await stores.grants.record(grant)).toBe('recorded');
    const locked = await holdTransaction(owner, (sql) => sql`select id from as_ro.share where id = ${share.id} for key share`);
    const removal = stores.shares.remove(share.id, share.owner);
    await locked.someoneWaits();
    expect(await isActive(grant)).toBe(true);
    await locked.commit();
    expect(await removal).toBe(true);
    expect(await isActive(grant)).toBe(false);
  });

  describe('A7 identity claims token replay, in the middle of its first use', () => {
    it('refuses the second grant when the first commits, and writes nothing of it', async () => {
      const { shares } = await shared();
      const claimsToken = exampleClaimsToken();
      const grant = exampleGrant(shares);
      const first = await consume(claimsToken);
      const outcome = stores.grants.record(grant, claimsToken);
      await first.someoneWaits();
      await first.commit();
      expect(await outcome).toBe('claims_token_used');
      expect(await isActive(grant)).toBe(false);
    });

    it('lets the second grant have the token when the first is rolled back', async () => {
      const { shares } = await shared();
      const claimsToken = exampleClaimsToken();
      const first = await consume(claimsToken);
      const outcome = stores.grants.record(exampleGrant(shares), claimsToken);
      await first.someoneWaits();
      await first.rollback();
      expect(await outcome).toBe('recorded');
    });
  });

  describe('the end of a refresh token', () => {
    const refreshable = async () => {
      const { shares } = await shared();
      const grant = exampleGrant(shares);
      const refreshToken = exampleRefreshToken(grant);
      expect(await stores.grants.record({ ...grant, refreshId: refreshToken.id }, undefined, { refreshToken })).toBe('recorded');
      const tokenId = freshId<TokenId>('rpt-');
      return { refreshToken, next: exampleGrant(shares, { tokenId, ticketId: tokenId, refreshId: refreshToken.id }) };
    };

    it('is waited for by an RPT that comes of it, which then is not recorded', async () => {
      const { refreshToken, next } = await refreshable();
      const end = await holdTransaction(owner, (sql) => sql`delete from as_ro.refresh_token where id = ${refreshToken.id}`);
      const outcome = stores.grants.record(next);
      await end.someoneWaits();
      await end.commit();
      expect(await outcome).toBe('share_withdrawn');
      expect(await isActive(next)).toBe(false);
    });

    it('waits for an RPT that comes of it, and ends it with the others', async () => {
      const { refreshToken, next } = await refreshable();
      const recording = await holdTransaction(owner, async (sql) => {
        await sql`select id from as_ro.refresh_token where id = ${refreshToken.id} for key share`;
        await sql`
          insert into as_ro.requesting_party_token (issuer, jti, ticket_jti, client_id, resource_server, owner, permissions, issued_at, expires_at, refresh_id)
          values (${next.issuer}, ${next.tokenId}, ${next.ticketId}, ${next.clientId}, ${next.resourceServer}, ${next.owner}, '[]', ${next.issuedAt}, ${next.expiresAt},
            ${refreshToken.id})`;
      });
      const end = stores.refreshTokens.revoke(refreshToken.tokenHash, refreshToken.clientId, next.issuedAt);
      await recording.someoneWaits();
      await recording.commit();
      expect(await end).toBe('revoked');
      expect(await isActive(next)).toBe(false);
    });

    it('waits for a use that is under way, and ends what that has put in its place', async () => {
      const { refreshToken } = await refreshable();
      const { tokenHash, clientId, thumbprint } = refreshToken;
      const use = await holdTransaction(owner, async (sql) => {
        await sql`update as_ro.refresh_token set token_hash = 'hash of the next' where token_hash = ${tokenHash}`;
        await sql`insert into as_ro.used_refresh_token (token_hash, refresh_id) values (${tokenHash}, ${refreshToken.id})`;
      });
      const end = stores.refreshTokens.revoke(tokenHash, clientId, EXAMPLE_TIME);
      await use.someoneWaits();
      await use.commit();
      expect(await end).toBe('revoked');
      expect(await stores.refreshTokens.rotate({ tokenHash: 'hash of the next', nextTokenHash: 'hash of the one after', clientId, thumbprint, now: EXAMPLE_TIME })).toBeUndefined();
    });
  });

  describe('the end of a line of refresh tokens of PATs', () => {
    const rs = 'https://rs.foo.example' as ClientId;
    const kept = async () => {
      const consent = (await stores.consents.use({ owner: `${freshId('owner-')}@foo.example`, resourceServer: rs, fresh: freshId<ConsentId>('cns_'), now: EXAMPLE_TIME })) as ConsentId;
      const hash = freshId('hash-of-refresh-token-');
      await stores.protectionRefreshTokens.keep({ hash, resourceServer: rs, consent, expiresAt: EXAMPLE_TIME + 1000 });
      return { hash, consent };
    };
    /** The use of the token `hash`, which puts `next` in its place, in the middle of it. */
    const using = (hash: string, next: string, consent: ConsentId) =>
      holdTransaction(owner, async (sql) => {
        const [row] = await sql<{ line: string }[]>`update as_ro.protection_refresh_token set used_at = ${EXAMPLE_TIME} where hash = ${hash} returning line`;
        await sql`
          insert into as_ro.protection_refresh_token (hash, line, resource_server, consent_id, expires_at)
          values (${next}, ${row?.line ?? ''}, ${rs}, ${consent}, ${EXAMPLE_TIME + 1000})`;
      });
    const rotate = (hash: string) =>
      stores.protectionRefreshTokens.rotate({ hash, resourceServer: rs, now: EXAMPLE_TIME }, { hash: freshId('hash-of-refresh-token-'), expiresAt: EXAMPLE_TIME + 1000 });

    it('waits for a use that is under way, and ends what that has put in its place', async () => {
      const { hash, consent } = await kept();
      const next = freshId('hash-of-refresh-token-');
      const use = await using(hash, next, consent);
      const end = stores.protectionRefreshTokens.revoke(hash, rs);
      await use.someoneWaits();
      await use.commit();
      expect(await end).toBe('revoked');
      expect(await rotate(next)).toBeUndefined();
    });

    it('does so, too, when a used token is presented again', async () => {
      const { hash, consent } = await kept();
      const [second, third] = [freshId('hash-of-refresh-token-'), freshId('hash-of-refresh-token-')];
      const first = await using(hash, second, consent);
      await first.commit();
      const use = await using(second, third, consent);
      const reuse = rotate(hash);
      await use.someoneWaits();
      await use.commit();
      expect(await reuse).toBe('reused');
      expect(await rotate(third)).toBeUndefined();
    });
  });

  it('A16 a second presenter of a ticket waits for the first, and loses when that one commits', async () => {
    const { issuer, ticketId, expiresAt } = exampleGrant([]);
    const first = await holdTransaction(owner, (sql) => sql`insert into as_ro.redeemed_ticket values (${issuer}, ${ticketId}, ${expiresAt})`);
    const second = stores.tickets.take({ issuer, tokenId: ticketId, expiresAt });
    await first.someoneWaits();
    await first.commit();
    expect(await second).toBe(false);
  });

  it('a share is not made on a resource that is removed at the same time [F32]', async () => {
    const { resource } = await shared();
    const removal = await holdTransaction(owner, (sql) => sql`delete from as_ro.resource where id = ${resource.id}`);
    const made = stores.shares.create(exampleShare(resource));
    await removal.someoneWaits();
    await removal.commit();
    expect(await made).toBe(false);
  });

  it('a resource that changes its owner takes along the share that the former owner is just making', async () => {
    const { resource } = await shared();
    const making = await holdTransaction(
      owner,
      (sql) => sql`
        insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, conditions, created_at)
        values (${exampleShare(resource).id}, ${resource.owner}, ${resource.id}, '{}', 'anyone', '{}', 1)`,
    );
    const replaced = stores.resources.replace({ ...resource, owner: 'heir@foo.example' });
    await making.someoneWaits();
    await making.commit();
    expect(await replaced).toBe(true);
    expect(await stores.shares.findByResources([resource.id])).toEqual([]);
  });

  it('a grant that is the victim of a deadlock is tried again, not lost', async () => {
    const { shares } = await shared(2);
    const [low, high] = [...shares].sort((a, b) => (a.id < b.id ? -1 : 1)) as [Share, Share];
    let removeLow: () => Promise<unknown> = async () => undefined;
    const removal = await holdTransaction(owner, async (sql) => {
      await sql`set local deadlock_timeout = '60s'`;
      await sql`delete from as_ro.share where id = ${high.id}`;
      removeLow = () => sql`delete from as_ro.share where id = ${low.id}`;
    });
    // The grant locks `low`, then waits for `high`; the transaction waits for `low`: PostgreSQL ends the one that looks first, the grant.
    const outcome = stores.grants.record(exampleGrant(shares), exampleClaimsToken());
    await removal.someoneWaits();
    await removeLow();
    await removal.commit();
    expect(await outcome).toBe('share_withdrawn');
    const [row] = await owner.run((sql) => sql<{ deadlocks: number }[]>`select deadlocks from pg_stat_database where datname = current_database()`);
    expect(row?.deadlocks).toBeGreaterThan(0);
  });
});
