import type { Database } from '@uma-federation/persistence';
import { scramVerifier } from './scram-verifier.ts';

/** What was done about the role. */
export type ServiceRoleOutcome = 'created' | 'password set' | 'left as it was';

interface RoleRow {
  readonly isOwner: boolean;
  readonly isPowerful: boolean;
}

/**
 * Sees to it that the service's role exists and is none that could get round its rights.
 * @param database a connection of the owner, with CREATEROLE when there is a password
 * @param name lower-case letters, digits and `_`
 * @param password sets or renews the password, and makes a missing role
 * @throws Error when the role is missing and there is no password, or when it is the owner, has the owner's rights, or is a superuser or
 *   may make roles or databases; StatementFault 42501 when the owner may not do this
 */
export async function ensureServiceRole(database: Database, name: string, password: string | undefined): Promise<ServiceRoleOutcome> {
  const [role] = await database.run(
    (sql) => sql<RoleRow[]>`
      select rolname = current_user or pg_has_role(rolname, current_user, 'MEMBER') as "isOwner",
        rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as "isPowerful"
      from pg_roles where rolname = ${name}`,
  );
  if (role?.isOwner === true) throw new Error(`the role ${name} has the rights of the schema's owner; the service needs another one`);
  if (role?.isPowerful === true) throw new Error(`the role ${name} is a superuser, or may make roles or databases; the service needs another one`);
  if (password === undefined) {
    if (role === undefined) throw new Error(`there is no role ${name}: make it, or configure serviceRole.password`);
    return 'left as it was';
  }
  // Neither the name nor the verifier can be a parameter of this statement; both are of an alphabet without quotes.
  const verb = role === undefined ? 'create' : 'alter';
  await database.run((sql) => sql.unsafe<object[]>(`${verb} role "${name}" login password '${scramVerifier(password)}'`));
  return role === undefined ? 'created' : 'password set';
}
