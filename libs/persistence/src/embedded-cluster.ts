import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Account } from './database-account.ts';
import { findRunningProcess } from './running-process.ts';

const PASSWORD_FILE = 'superuser-password';
const OWNER_FILE = 'started-by';
const FAREWELL_MS = 15_000;

/**
 * Makes the database cluster unless it is there. A half-made one, left by a run that was killed, is never taken for a cluster.
 * @param cluster PostgreSQL's data directory
 * @returns the superuser's password: 256 random bits, drawn when the cluster was made
 */
export async function ensureCluster(cluster: string, initdb: string, account: Account | undefined): Promise<string> {
  const known = await readFile(join(cluster, PASSWORD_FILE), 'utf8').catch(() => undefined);
  if (known !== undefined) return known;
  await removeUnfinished(cluster);
  const draft = `${cluster}.${process.pid}.new`;
  await mkdir(draft, { mode: 0o700 });
  if (account !== undefined) await chown(draft, account.uid, account.gid);
  const passwordFile = `${draft}.password`;
  const password = randomBytes(32).toString('base64url');
  try {
    await writePrivate(passwordFile, password, account);
    await run(initdb, ['-D', draft, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync', '--no-instructions'], account);
    await rename(passwordFile, join(draft, PASSWORD_FILE));
    await rename(draft, cluster);
  } finally {
    await Promise.all([draft, passwordFile].map((path) => rm(path, { recursive: true, force: true })));
  }
  return password;
}

/**
 * Makes sure that no PostgreSQL runs on the cluster, and notes who starts the next one.
 * A server whose starter is gone is stopped; a `postmaster.pid` of a server that is gone is put aside, even when its process id now belongs to another process.
 * @throws Error when the server was started by a process that is still there, or does not stop within 15 s
 */
export async function claimCluster(cluster: string, account: Account | undefined): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  for (let waitedMs = 0; ; waitedMs += 100) {
    const processId = await firstNumber(pidFile);
    if (processId === undefined) break;
    const server = findRunningProcess(processId);
    if (server === undefined || !server.command.includes(cluster)) {
      await putAside(pidFile, processId);
      break;
    }
    if (server.parent === (await firstNumber(join(cluster, OWNER_FILE)))) throw new Error(`${cluster} is in use by process ${server.parent}`);
    if (waitedMs >= FAREWELL_MS) throw new Error(`the PostgreSQL left on ${cluster} (process ${processId}) does not stop`);
    if (waitedMs === 0) process.kill(processId, 'SIGINT');
    await pause(100);
  }
  await writePrivate(join(cluster, OWNER_FILE), String(process.pid), account);
}

/** Renames before it judges: a server that starts at this very moment has another process id in the file, and gets it back. */
async function putAside(pidFile: string, processId: number): Promise<void> {
  const aside = `${pidFile}.stale`;
  await rename(pidFile, aside).catch(() => undefined);
  if ((await firstNumber(aside)) !== processId) {
    await rename(aside, pidFile).catch(() => undefined);
    throw new Error(`${dirname(pidFile)} is being started by another process`);
  }
  await rm(aside, { force: true });
}

async function firstNumber(file: string): Promise<number | undefined> {
  const number = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

async function removeUnfinished(cluster: string): Promise<void> {
  const folder = dirname(cluster);
  for (const name of await readdir(folder)) {
    const maker = new RegExp(`^${basename(cluster)}\\.([0-9]+)\\.new`).exec(name)?.[1];
    if (maker !== undefined && findRunningProcess(Number(maker)) === undefined) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function writePrivate(file: string, text: string, account: Account | undefined): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  await chmod(file, 0o600);
  if (account !== undefined) await chown(file, account.uid, account.gid);
}

function run(program: string, programArguments: readonly string[], account: Account | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArguments, { ...account, cwd: '/', env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' }, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${basename(program)} failed (${code}): ${complaint.trim()}`))));
  });
}
