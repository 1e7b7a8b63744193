import { cp, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AS_RO, AS_RQP, EXAMPLE_TIME, exampleGrant, exampleShare } from '@uma-federation/testing';
import type { ClientId, Resource, ResourceId, Share, TokenId } from '@uma-federation/uma-core';
import { createPostgresStores } from '../src/as-ro-stores.ts';
import { connect, type Database, type TransactionSql } from '../src/database.ts';
import { grantServiceRole } from '../src/grant-service-role.ts';
import { assertSchemaVersion, migrate } from '../src/migrate.ts';
import { AS_RO_SCHEMA, readMigrations } from '../src/migrations.ts';
import { createEmptyDatabase, PATIENT, type TestDatabase } from './test-database.ts';
import { embeddedServer } from './test-servers.ts';

describe('migrate and assertSchemaVersion', () => {
  let server: TestDatabase;
  let owner: Database;
  let directory: string;
  const example = () => ({ schema: 'example', directory });
  const write = (name: string, text: string) => writeFile(join(directory, name), text);
  beforeEach(async () => {
    server = await createEmptyDatabase(embeddedServer());
    owner = connect({ ...PATIENT, url: server.url });
    directory = await mkdtemp(join(tmpdir(), 'uma-migrations-'));
    await write('0001-one.sql', '-- expand: one\ncreate table example.one (id int);\ninsert into example.one values (1);');
    await write('0002-two.sql', '-- expand: two\nalter table example.one add two int;');
  });
  afterEach(async () => {
    await owner.close();
    await server.drop();
    await rm(directory, { recursive: true });
  });

  it('applies what is missing, in order, and nothing twice', async () => {
    await rename(join(directory, '0002-two.sql'), join(directory, '../later.sql'));
    expect(await migrate(owner, example())).toEqual(['0001-one.sql']);
    await rename(join(directory, '../later.sql'), join(directory, '0002-two.sql'));
    expect(await migrate(owner, example())).toEqual(['0002-two.sql']);
    expect(await migrate(owner, example())).toEqual([]);
    expect([...(await owner.run((sql) => sql<object[]>`select * from example.one`))]).toEqual([{ id: 1, two: null }]);
  });

  it('applies each file once when many replicas migrate at the same time', async () => {
    const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(owner, example())));
    expect(applied.flat().sort()).toEqual(['0001-one.sql', '0002-two.sql']);
  });

  it('refuses a file that was changed after it had been applied, in migration and at the start of a service', async () => {
    await migrate(owner, example());
    await write('0001-one.sql', '-- expand: one, retold\ncreate table example.one (id int);');
    for (const check of [migrate, assertSchemaVersion]) await expect(check(owner, example())).rejects.toThrow('0001-one.sql was changed');
  });

  it('leaves everything as it was when a file fails', async () => {
    await write('0002-two.sql', '-- expand: two\ncreate table example.two (id int); select nonsense;');
    await expect(migrate(owner, example())).rejects.toThrow('0002-two.sql failed');
    await expect(owner.run((sql) => sql<object[]>`select * from example.one`)).rejects.toMatchObject({ code: '42P01' });
  });

  it.each([
    ['a gap in the numbers', '0004-four.sql', '-- expand: four'],
    ['a doubled number', '0001-zero.sql', '-- expand: zero'],
    ['a name out of the pattern', '0003_three.sql', '-- expand: three'],
    ['no word on whether older services can go on', '0003-three.sql', 'select 1;'],
  ])('refuses a folder with %s', async (_what, name, text) => {
    await write(name, text);
    await expect(migrate(owner, example())).rejects.toThrow(name);
  });

  it('lets a service start on the schema it knows, and on none that is missing or behind', async () => {
    await expect(assertSchemaVersion(owner, example())).rejects.toThrow('lacks the migration 0001-one.sql');
    await migrate(owner, example());
    await assertSchemaVersion(owner, example());
    await write('0003-three.sql', '-- expand: three');
    await expect(assertSchemaVersion(owner, example())).rejects.toThrow('lacks the migration 0003-three.sql');
  });

  it('lets the release before go on after a migration that expands, and not after one that contracts', async () => {
    const before = { schema: 'example', directory: `${directory}-before` };
    await cp(directory, before.directory, { recursive: true });
    await write('0003-three.sql', '-- expand: three\nalter table example.one add three int;');
    await migrate(owner, example());
    await assertSchemaVersion(owner, before);
    expect(await migrate(owner, before)).toEqual([]);
    await write('0004-four.sql', '-- contract: four\nalter table example.one drop two;');
    await migrate(owner, example());
    await expect(assertSchemaVersion(owner, before)).rejects.toThrow('newer than this release: 0004-four.sql');
    await rm(before.directory, { recursive: true });
  });

  describe('0003, on a database that the release before has worked with', () => {
    const EXPIRES_AT = EXAMPLE_TIME + 300;
    const release = () => ({ schema: 'as_ro', directory });
    const grantOfBefore = (jti: string, revokedAt: number | null = null) => (sql: TransactionSql) => sql`
      with token as (
        insert into as_ro.requesting_party_token
          (issuer, jti, ticket_jti, client_id, resource_server, owner, requesting_party, permissions, issued_at, expires_at, revoked_at)
        values (${AS_RO}, ${jti}, ${`ticket-of-${jti}`}, 'client', 'rs', 'alice@foo.example', 'bob@bar.example', '[]', ${EXAMPLE_TIME}, ${EXPIRES_AT}, ${revokedAt})
        returning id
      )
      insert into as_ro.requesting_party_token_share (token_id, share_id) select id, ${`shr_of_${jti}`} from token`;
    const shareOfBefore = (jti: string, kind: string, value: string | null) => (sql: TransactionSql) => sql`
      insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, grantee_value, conditions, created_at)
      values (${`shr_of_${jti}`}, 'alice@foo.example', 'res_1', '{view}', ${kind}, ${value}, '{"acrValues": ["phr"]}', ${EXAMPLE_TIME})`;
    beforeEach(async () => {
      for (const name of await readdir(directory)) await rm(join(directory, name));
      for (const { name, version } of await readMigrations(AS_RO_SCHEMA.directory)) {
        if (version <= 2) await cp(join(AS_RO_SCHEMA.directory, name), join(directory, name));
      }
      await migrate(owner, release());
      await owner.transaction(async (sql) => {
        await sql`insert into as_ro.resource (id, resource_server, owner, scopes, localized) values ('res_1', 'rs', 'alice@foo.example', '{view,print}', '{}')`;
        await shareOfBefore('alive', 'person', 'bob@bar.example')(sql);
        await shareOfBefore('withdrawn', 'domain', 'bar.example')(sql);
        await shareOfBefore('revoked', 'anyone', null)(sql);
        for (const jti of ['alive', 'withdrawn']) await grantOfBefore(jti)(sql);
        await grantOfBefore('revoked', EXAMPLE_TIME)(sql);
        await sql`delete from as_ro.share where id = 'shr_of_withdrawn'`;
        await sql`insert into as_ro.redeemed_ticket values (${AS_RO}, 'ticket-of-alive', ${EXPIRES_AT})`;
        await sql`insert into as_ro.consumed_claims_token values (${AS_RQP}, 'used', ${EXPIRES_AT})`;
      });
    });

    it('keeps everything that was there, and what was granted can be revoked, told of and carried on', async () => {
      expect((await migrate(owner, AS_RO_SCHEMA))[0]).toBe('0003-requests-and-long-lived-tokens.sql');
      await assertSchemaVersion(owner, AS_RO_SCHEMA);
      await grantServiceRole(owner, server.serviceRole);
      const service = connect({ ...PATIENT, url: server.serviceUrl });
      const { tickets, grants, resources, shares, revocations } = createPostgresStores(service);
      const isActive = (jti: string) => grants.isActive(AS_RO, jti as TokenId, EXAMPLE_TIME);
      const told = async () => (await revocations.read('rs' as ClientId, undefined, EXAMPLE_TIME)).revoked.map(({ tokenId }) => tokenId).sort();
      expect(await Promise.all(['alive', 'withdrawn', 'revoked'].map(isActive))).toEqual([true, false, false]);
      expect(await told()).toEqual(['withdrawn']);
      expect(await tickets.take({ issuer: AS_RO, tokenId: 'ticket-of-alive' as TokenId, expiresAt: EXPIRES_AT })).toBe(false);
      expect(await grants.consumeClaimsToken({ issuer: AS_RQP, tokenId: 'used' as TokenId, expiresAt: EXPIRES_AT })).toBe(false);
      const [kept, anyones] = await shares.listByOwner('alice@foo.example');
      expect(kept).toMatchObject({ id: 'shr_of_alive', grantee: { kind: 'person', email: 'bob@bar.example' }, conditions: { acrValues: ['phr'] } });
      expect(anyones).toMatchObject({ grantee: { kind: 'anyone' } });
      const resource = await resources.find('res_1' as ResourceId);
      expect(await shares.create(exampleShare(resource as Resource, { grantee: { kind: 'unidentified' } }))).toBe(true);
      const next = exampleGrant([kept as Share], { requestingParty: undefined });
      expect(await grants.record(next, undefined, { supersedes: 'alive' as TokenId })).toBe('recorded');
      expect(await isActive('alive')).toBe(false);
      expect(await told()).toEqual(['alive', 'withdrawn']);
      await service.close();
    });

    it('lets the release before go on: what it writes is understood', async () => {
      await migrate(owner, AS_RO_SCHEMA);
      await assertSchemaVersion(owner, release());
      await owner.transaction(async (sql) => {
        await shareOfBefore('late', 'person', 'bob@bar.example')(sql);
        await grantOfBefore('late')(sql);
      });
      const { grants } = createPostgresStores(owner);
      expect(await grants.isActive(AS_RO, 'late' as TokenId, EXAMPLE_TIME)).toBe(true);
      expect(await grants.revoke(AS_RO, 'late' as TokenId, EXAMPLE_TIME)).toBe(true);
    });
  });

  it('makes the schema of AS-RO, and says 503 when there is no database to ask', async () => {
    await migrate(owner, AS_RO_SCHEMA);
    await assertSchemaVersion(owner, AS_RO_SCHEMA);
    const nowhere = connect({ url: 'postgres://nobody:nothing@127.0.0.1:1/none' });
    await expect(assertSchemaVersion(nowhere, AS_RO_SCHEMA)).rejects.toMatchObject({ status: 503 });
    await nowhere.close();
  });
});
