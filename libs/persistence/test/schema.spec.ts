import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Database } from '../src/database.ts';
import { grantServiceRole } from '../src/grant-service-role.ts';
import { assertSchemaVersion } from '../src/migrate.ts';
import { AS_RO_SCHEMA } from '../src/migrations.ts';
import { createAsRoDatabase, PATIENT, type TestDatabase } from './test-database.ts';
import { embeddedServer } from './test-servers.ts';

const INSUFFICIENT_PRIVILEGE = { code: '42501' };

/** What holds whatever the code above the database does. */
describe('schema as_ro', () => {
  let server: TestDatabase;
  let owner: Database;
  let service: Database;
  beforeAll(async () => {
    server = await createAsRoDatabase(embeddedServer());
    owner = connect({ ...PATIENT, url: server.url });
    service = connect({ ...PATIENT, url: server.serviceUrl });
    await execute(owner, "insert into as_ro.audit (event, data) values ('example', '{}')");
  });
  afterAll(async () => {
    await Promise.all([owner.close(), service.close()]);
    await server.drop();
  });
  const execute = (database: Database, statement: string) => database.run((sql) => sql.unsafe<object[]>(statement));

  it('gives the role of the service nothing but what the service does (its stores run under it): no DDL', async () => {
    await assertSchemaVersion(service, AS_RO_SCHEMA);
    for (const statement of [
      'create table as_ro.mine (id int)',
      'create table public.mine (id int)',
      'alter table as_ro.share add mine int',
      'drop table as_ro.share',
      'drop trigger audit_append_only on as_ro.audit',
      'truncate as_ro.redeemed_ticket',
      'create or replace function as_ro.refuse_change() returns trigger language plpgsql as $$ begin return null; end $$',
    ]) {
      await expect(execute(service, statement)).rejects.toMatchObject(INSUFFICIENT_PRIVILEGE);
    }
  });

  it('lets the service add to the audit table, and neither read nor change it', async () => {
    await execute(service, "insert into as_ro.audit (event, data) values ('example', '{}')");
    for (const statement of ['select * from as_ro.audit', "update as_ro.audit set event = 'x'", 'delete from as_ro.audit', 'truncate as_ro.audit']) {
      await expect(execute(service, statement)).rejects.toMatchObject(INSUFFICIENT_PRIVILEGE);
    }
  });

  it('lets not even the owner change or delete audit entries', async () => {
    for (const statement of ["update as_ro.audit set event = 'x'", 'delete from as_ro.audit', 'truncate as_ro.audit']) {
      await expect(execute(owner, statement)).rejects.toMatchObject(INSUFFICIENT_PRIVILEGE);
    }
  });

  it('lets the service not change what was redeemed, consumed, granted or shared, except to revoke a token', async () => {
    for (const statement of [
      'update as_ro.redeemed_ticket set expires_at = 0',
      'update as_ro.consumed_claims_token set expires_at = 0',
      "update as_ro.requesting_party_token set permissions = '[]'",
      "update as_ro.share set scopes = '{all}'",
      'delete from as_ro.requesting_party_token_share',
      'update as_ro.schema_migration set version = 2',
    ]) {
      await expect(execute(service, statement)).rejects.toMatchObject(INSUFFICIENT_PRIVILEGE);
    }
    for (const statement of ['delete from as_ro.resource_server_consent', "update as_ro.resource_server_consent set owner = ''", "update as_ro.protection_refresh_token set resource_server = ''"]) {
      await expect(execute(service, statement)).rejects.toMatchObject(INSUFFICIENT_PRIVILEGE);
    }
    await execute(service, 'update as_ro.requesting_party_token set revoked_at = 1');
    // The right to lock a share is the right to set a column that cannot be set.
    await expect(execute(service, 'update as_ro.share set sequence = 1')).rejects.toMatchObject({ code: '428C9' });
  });

  it('takes back what the role had before', async () => {
    await execute(owner, `grant all on as_ro.audit to ${server.serviceRole}`);
    await grantServiceRole(owner, server.serviceRole);
    await expect(execute(service, 'select * from as_ro.audit')).rejects.toMatchObject(INSUFFICIENT_PRIVILEGE);
  });

  it.each([
    ['a token that expires before it is issued', "insert into as_ro.requesting_party_token (issuer, jti, ticket_jti, client_id, resource_server, owner, requesting_party, permissions, issued_at, expires_at) values ('i', 'j', 't', 'c', 'r', 'o', 'p', '[]', 10, 10)", 'requesting_party_token_times'],
    ['a share that ends before it begins', "insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, not_before, expires_at, conditions, created_at) values ('s', 'o', 'r', '{}', 'anyone', 10, 10, '{}', 1)", 'share_times'],
    ['a share with a person without an address', "insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, conditions, created_at) values ('s', 'o', 'r', '{}', 'person', '{}', 1)", 'share_grantee'],
    ['a share with a grantee of an unknown kind', "insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, conditions, created_at) values ('s', 'o', 'r', '{}', 'everybody', '{}', 1)", 'share_grantee'],
    ['a share of a resource that its owner does not have [F32]', "insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, conditions, created_at) values ('s', 'o', 'r', '{}', 'anyone', '{}', 1)", 'share_of_own_resource'],
  ])('has no place for %s', async (_what, statement, constraint) => {
    await expect(execute(service, statement)).rejects.toMatchObject({ constraint });
  });
});
