import { readFileSync } from 'node:fs';

/** A user of this machine. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom PostgreSQL, which refuses to run as root, shall run as.
 * @returns undefined for an ordinary user: PostgreSQL then runs as the same; for root the account `postgres`, or `nobody` where there is none, so that the machine is left as it is
 * @throws Error when this is root on a machine with neither
 */
export function databaseAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = new Map(readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => [line.split(':')[0], line.split(':')]));
  const [, , uid, gid] = accounts.get('postgres') ?? accounts.get('nobody') ?? [];
  if (uid === undefined || gid === undefined) throw new Error('PostgreSQL does not run as root, and there is no account "postgres" or "nobody" to run it as.');
  return { uid: Number(uid), gid: Number(gid) };
}
