import type { Database } from './database.ts';

/**
 * Gives the role of the AS-RO service exactly what it needs in schema `as_ro`: no DDL, no reading or changing of the audit table, only adding to it.
 * What the role had there before is taken away first, so it may be called again after every migration.
 * @param database a connection of the role that owns the schema
 * @param role an existing role that is not the owner
 * @throws the driver's error when there is no such role
 */
export async function grantServiceRole(database: Database, role: string): Promise<void> {
  await database.transaction(async (sql) => {
    const name = sql(role);
    await sql`revoke all on schema as_ro from ${name}`;
    await sql`revoke all on all tables in schema as_ro from ${name}`;
    await sql`grant usage on schema as_ro to ${name}`;
    await sql`grant select on as_ro.schema_migration to ${name}`;
    await sql`grant select, insert, delete on as_ro.redeemed_ticket, as_ro.consumed_claims_token, as_ro.share_withdrawal to ${name}`;
    await sql`grant select, insert, update, delete on as_ro.resource to ${name}`;
    // Locking a row (`for key share`) needs the right to update some column: this one cannot be set (generated always).
    await sql`grant select, insert, delete, update (sequence) on as_ro.share to ${name}`;
    await sql`grant select, insert, delete, update (revoked_at, revocation_recorded_at) on as_ro.requesting_party_token to ${name}`;
    await sql`grant select, insert on as_ro.requesting_party_token_share to ${name}`;
    // Who asks whom, whose claims these are and what a refresh token stands for never change.
    await sql`grant select, insert, delete, update (id, issuer, permissions, status, created_at, expires_at, sequence) on as_ro.authorization_request to ${name}`;
    await sql`grant select, insert, delete, update (token_hash, id, identity, created_at, expires_at) on as_ro.persisted_claims to ${name}`;
    await sql`grant select, insert, delete, update (token_hash) on as_ro.refresh_token to ${name}`;
    await sql`grant select, insert on as_ro.used_refresh_token to ${name}`;
    await sql`grant select, insert, delete, update on as_ro.uma1_token to ${name}`;
    await sql`grant select, insert, delete on as_ro.uma1_authorization to ${name}`;
    await sql`grant select, insert on as_ro.uma1_authorization_share to ${name}`;
    await sql`grant select, insert, delete, update (metadata, secret_hash) on as_ro.client to ${name}`;
    await sql`grant select, insert, update (id, since, last_used_at, ended_at) on as_ro.resource_server_consent to ${name}`;
    await sql`grant select, insert, delete, update (used_at) on as_ro.protection_refresh_token to ${name}`;
    await sql`grant insert on as_ro.audit to ${name}`;
  });
}
