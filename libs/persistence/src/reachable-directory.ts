import { constants } from 'node:fs';
import { access, chmod, lstat, mkdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Account } from './database-account.ts';

/**
 * Whether the account can get to a path through all its parent directories. A folder of mode 0700, such as root's home, is in the way.
 * @param account undefined: this process itself, which can
 */
export async function canReach(path: string, account: Account | undefined): Promise<boolean> {
  if (account === undefined) return true;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found !== undefined && !mayEnter(found, account)) return false;
    if (folder === dirname(folder)) return true;
  }
}

/**
 * A directory of this user that outlives the run and that every account can reach.
 * @param name last part of the path
 * @returns its path; created when missing
 * @throws Error when somebody else's file is in its place
 */
export async function lastingDirectory(name: string): Promise<string> {
  const parent = await access('/var/tmp', constants.W_OK).then(() => '/var/tmp', () => tmpdir());
  const path = join(parent, `${name}-${process.getuid?.() ?? 0}`);
  await mkdir(path, { mode: 0o755 }).catch(() => undefined);
  const found = await lstat(path);
  // A world-writable parent: whoever came first may have prepared this name.
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0) throw new Error(`${path} belongs to somebody else`);
  await chmod(path, 0o755);
  return path;
}

function mayEnter(folder: { uid: number; gid: number; mode: number }, account: Account): boolean {
  if (folder.uid === account.uid) return (folder.mode & 0o100) !== 0;
  if (folder.gid === account.gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}
