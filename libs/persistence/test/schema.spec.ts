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
      "update as_ro.authorization_request set owner = 'mallory@foo.example'",
      "update as_ro.authorization_request set requesting_party = 'mallory@bar.example'",
      "update as_ro.authorization_request set client_id = 'mallory'",
      "update as_ro.persisted_claims set email = 'mallory@bar.example'",
      "update as_ro.persisted_claims set client_id = 'mallory'",
      'update as_ro.persisted_claims set thumbprint = null',
      "update as_ro.refresh_token set client_id = 'mallory'",
      'update as_ro.refresh_token set thumbprint = null',
      "update as_ro.refresh_token set permissions = '[]'",
      "update as_ro.refresh_token set shares = '{}'",
      'update as_ro.refresh_token set expires_at = 9999999999',
      'update as_ro.used_refresh_token set token_hash = refresh_id',
      'delete from as_ro.used_refresh_token',
      "update as_ro.client set registration_token_hash = 'x'",
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

  it('gives the service the rights it needs for requests, persisted claims and refresh tokens, table by table', async () => {
    const rows = await owner.run(
      (sql) => sql<{ name: string; rights: string[] }[]>`
        select table_name as name, array_agg(privilege_type::text order by privilege_type) as rights from information_schema.table_privileges
        where grantee = ${server.serviceRole} and table_name in ('authorization_request', 'persisted_claims', 'refresh_token', 'used_refresh_token')
        group by table_name order by table_name`,
    );
    expect([...rows]).toEqual([
      { name: 'authorization_request', rights: ['DELETE', 'INSERT', 'SELECT'] },
      { name: 'persisted_claims', rights: ['DELETE', 'INSERT', 'SELECT'] },
      { name: 'refresh_token', rights: ['DELETE', 'INSERT', 'SELECT'] },
      { name: 'used_refresh_token', rights: ['INSERT', 'SELECT'] },
    ]);
  });

  it.each(['persisted_claims', 'refresh_token', 'used_refresh_token', 'authorization_request'])('lets no role but the owner and the service read %s [G66]', async (table) => {
    const stranger = `${server.serviceRole}_stranger`;
    await execute(owner, `create role ${stranger} login`);
    try {
      await execute(service, `select * from as_ro.${table}`);
      const reading = owner.transaction(async (sql) => {
        await sql.unsafe(`set local role ${stranger}`);
        await sql.unsafe(`select * from as_ro.${table}`);
      });
      await expect(reading).rejects.toMatchObject(INSUFFICIENT_PRIVILEGE);
    } finally {
      await execute(owner, `drop role ${stranger}`);
    }
  });

  it('takes back what the role had before', async () => {
    await execute(owner, `grant all on as_ro.audit to ${server.serviceRole}`);
    await grantServiceRole(owner, server.serviceRole);
    await expect(execute(service, 'select * from as_ro.audit')).rejects.toMatchObject(INSUFFICIENT_PRIVILEGE);
  });

  it.each([
    ['a secret in the place of its hash', "insert into as_ro.client (id, metadata, secret_hash, registration_token_hash, issued_at) values ('c', '{}', 'secret', repeat('A', 43), 1)", 'client_hashes'],
    ['a token that expires before it is issued', "insert into as_ro.requesting_party_token (issuer, jti, ticket_jti, client_id, resource_server, owner, requesting_party, permissions, issued_at, expires_at) values ('i', 'j', 't', 'c', 'r', 'o', 'p', '[]', 10, 10)", 'requesting_party_token_times'],
    ['a share that ends before it begins', "insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, not_before, expires_at, conditions, created_at) values ('s', 'o', 'r', '{}', 'anyone', 10, 10, '{}', 1)", 'share_times'],
    ['a share with a person without an address', "insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, conditions, created_at) values ('s', 'o', 'r', '{}', 'person', '{}', 1)", 'share_grantee'],
    ['a share with a grantee of an unknown kind', "insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, conditions, created_at) values ('s', 'o', 'r', '{}', 'everybody', '{}', 1)", 'share_grantee'],
    ['a share with whoever comes that names one', "insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, grantee_value, conditions, created_at) values ('s', 'o', 'r', '{}', 'unidentified', 'bob@bar.example', '{}', 1)", 'share_grantee'],
    ['a request with a third decision', "insert into as_ro.authorization_request (id, owner, resource_server, client_id, requesting_party, issuer, permissions, fingerprint, status, created_at, expires_at) values ('q', 'o', 'r', 'c', 'p', 'i', '[]', 'f', 'perhaps', 1, 2)", 'authorization_request_status'],
    ['two equal requests that stand', "insert into as_ro.authorization_request (id, owner, resource_server, client_id, requesting_party, issuer, permissions, fingerprint, status, created_at, expires_at) select 'q' || n, 'o', 'r', 'c', 'p', 'i', '[]', 'f', case n when 1 then 'denied' else 'pending' end, 1, 2 from generate_series(1, 2) as n", 'authorization_request_once'],
    ['two persisted claims tokens of one person, client and key', "insert into as_ro.persisted_claims (token_hash, id, client_id, email, identity, created_at, expires_at) select 'h' || n, 'i' || n, 'c', 'p', '{}', 1, 2 from generate_series(1, 2) as n", 'persisted_claims_once'],
    ['a used token of no refresh token', "insert into as_ro.used_refresh_token (token_hash, refresh_id) values ('h', 'r')", 'use_of_refresh_token'],
    ['a share of a resource that its owner does not have [F32]', "insert into as_ro.share (id, owner, resource_id, scopes, grantee_kind, conditions, created_at) values ('s', 'o', 'r', '{}', 'anyone', '{}', 1)", 'share_of_own_resource'],
  ])('has no place for %s', async (_what, statement, constraint) => {
    await expect(execute(service, statement)).rejects.toMatchObject({ constraint });
  });
});
