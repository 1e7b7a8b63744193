import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, chmod, lstat, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
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
  const path = join(await lastingParent(), `${name}-${ownUserId()}`);
  await mkdir(path, { mode: 0o755 }).catch(() => undefined);
  const found = await lstat(path);
  // A world-writable parent: whoever came first may have prepared this name.
  if (!found.isDirectory() || found.uid !== ownUserId() || (found.mode & 0o022) !== 0) throw new Error(`${path} belongs to somebody else`);
  await chmod(path, 0o755);
  return path;
}

const STAND_IN = 'uma-federation-data';
const WANTED_FILE = 'stands-in-for';

/**
 * A lasting directory in place of one that the account cannot reach. The wanted one is made too, empty: whoever removes it removes the data.
 * What stands in for directories that are gone is removed on the way.
 * @param wanted absolute path
 */
export async function standInFor(wanted: string): Promise<string> {
  await removeOrphans();
  await mkdir(wanted, { recursive: true, mode: 0o755 });
  const path = await lastingDirectory(`${STAND_IN}-${createHash('sha256').update(wanted).digest('hex').slice(0, 16)}`);
  await writeFile(join(path, WANTED_FILE), wanted);
  return path;
}

async function removeOrphans(): Promise<void> {
  const parent = await lastingParent();
  const names = (await readdir(parent)).filter((name) => name.startsWith(`${STAND_IN}-`) && name.endsWith(`-${ownUserId()}`));
  for (const path of names.map((name) => join(parent, name))) {
    if ((await lstat(path)).uid !== ownUserId()) continue;
    const wanted = await readFile(join(path, WANTED_FILE), 'utf8').catch(() => undefined);
    if (wanted !== undefined && !existsSync(wanted)) await rm(path, { recursive: true, force: true });
  }
}

async function lastingParent(): Promise<string> {
  return access('/var/tmp', constants.W_OK).then(() => '/var/tmp', () => tmpdir());
}

function ownUserId(): number {
  return process.getuid?.() ?? 0;
}

function mayEnter(folder: { uid: number; gid: number; mode: number }, account: Account): boolean {
  if (folder.uid === account.uid) return (folder.mode & 0o100) !== 0;
  if (folder.gid === account.gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}
