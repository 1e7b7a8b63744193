import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleGrant } from '@uma-federation/testing';
import { createPostgresStores } from '../src/as-ro-stores.ts';
import { connect, type Database } from '../src/database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../src/embedded-postgres.ts';
import { migrate } from '../src/migrate.ts';
import { AS_RO_SCHEMA } from '../src/migrations.ts';
import { findRunningProcess } from '../src/running-process.ts';
import { eventually } from './eventually.ts';
import { PATIENT } from './test-database.ts';

const START_AND_WAIT = fileURLToPath(new URL('start-and-wait.mjs', import.meta.url));

describe('embedded PostgreSQL', () => {
  let dataDirectory: string;
  const running: EmbeddedPostgres[] = [];
  const children: ChildProcess[] = [];
  const start = async (options: Parameters<typeof startEmbeddedPostgres>[0] = { dataDirectory }): Promise<EmbeddedPostgres> => {
    const server = await startEmbeddedPostgres(options);
    running.push(server);
    return server;
  };
  // One directory for all tests: making a cluster is what takes time.
  beforeAll(async () => {
    dataDirectory = await mkdtemp(join(tmpdir(), 'uma-embedded-test-'));
    await chmod(dataDirectory, 0o755);
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

  const withDatabase = async <T>(url: string, work: (database: Database) => Promise<T>): Promise<T> => {
    const database = connect({ ...PATIENT, url });
    return work(database).finally(() => database.close());
  };
  const kill = async ({ processId }: { processId: number }): Promise<void> => {
    process.kill(processId, 'SIGKILL');
    await eventually(() => findRunningProcess(processId) === undefined);
  };
  const startElsewhere = async (...directory: string[]): Promise<{ child: ChildProcess; processId: number; dataDirectory: string }> => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', START_AND_WAIT, ...directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout?.setEncoding('utf8').once('data', resolve);
      child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
    });
    return { child, ...(JSON.parse(line) as { processId: number; dataDirectory: string }) };
  };

  it('listens on 127.0.0.1 only, on no socket file, and lets nobody in without its random password', async () => {
    const server = await start();
    expect(new URL(server.url).password).toMatch(/^[A-Za-z0-9_-]{43}$/);
    await withDatabase(server.url, async (database) => {
      const settings = await database.run(
        (sql) => sql<{ setting: string }[]>`select setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories', 'password_encryption') order by name`,
      );
      expect(settings.map(({ setting }) => setting)).toEqual(['127.0.0.1', 'scram-sha-256', '']);
      const [rules] = await database.run((sql) => sql<{ methods: string[] }[]>`select array_agg(distinct auth_method) as methods from pg_hba_file_rules`);
      expect(rules?.methods).toEqual(['scram-sha-256']);
    });
    const stranger = new URL(server.url);
    stranger.password = 'guessed';
    await withDatabase(stranger.href, (database) => expect(database.run((sql) => sql<object[]>`select 1`)).rejects.toMatchObject({ detail: '28P01' }));
  });

  it('removes its temporary directory when it is stopped', async () => {
    const server = await start({});
    expect(existsSync(server.dataDirectory)).toBe(true);
    await server.stop();
    expect(findRunningProcess(server.processId)).toBeUndefined();
    expect(existsSync(server.dataDirectory)).toBe(false);
  });

  it('keeps its data and its password between runs, and used tickets stay used after a crash of the server', async () => {
    const { issuer, ticketId, expiresAt } = exampleGrant([]);
    const take = (database: Database) => createPostgresStores(database).tickets.take({ issuer, tokenId: ticketId, expiresAt });
    const first = await start();
    await withDatabase(first.url, async (database) => {
      await migrate(database, AS_RO_SCHEMA);
      expect(await take(database)).toBe(true);
    });
    await kill(first);
    const second = await start();
    expect(new URL(second.url).password).toBe(new URL(first.url).password);
    expect(await withDatabase(second.url, take)).toBe(false);
    await second.stop();
    expect(await withDatabase((await start()).url, take)).toBe(false);
  });

  it('starts although the postmaster.pid of a killed run names a process that now is another one', async () => {
    const first = await start();
    await kill(first);
    const file = join(first.dataDirectory, 'cluster', 'postmaster.pid');
    const left = await readFile(file, 'utf8');
    await writeFile(file, left.replace(/^[0-9]+/, String(process.pid)));
    const second = await start();
    expect(await withDatabase(second.url, (database) => database.run((sql) => sql<{ one: number }[]>`select 1 as one`))).toHaveLength(1);
  });

  it('refuses a directory that a living process is using', async () => {
    const server = await start();
    await expect(startEmbeddedPostgres({ dataDirectory })).rejects.toThrow(`in use by process ${process.pid}`);
    expect(findRunningProcess(server.processId)).toBeDefined();
  });

  it('takes over a directory whose server was left alone, and stops that server first', async () => {
    const left = await start();
    // As if its starter and its watchdog had both been killed: somebody else is on record.
    await writeFile(join(left.dataDirectory, 'cluster', 'started-by'), '999999999');
    const next = await start();
    expect(findRunningProcess(left.processId)).toBeUndefined();
    expect(findRunningProcess(next.processId)).toBeDefined();
  });

  // Only root may run PostgreSQL as another account; for everybody else there is no such stand-in.
  (process.getuid?.() === 0 ? it : it.skip)('as root, stands in for a directory that the database account cannot reach, until that is removed', async () => {
    const secluded = await mkdtemp(join(tmpdir(), 'uma-embedded-test-'));
    const server = await start({ dataDirectory: join(secluded, 'data') });
    expect(server.dataDirectory).not.toContain(secluded);
    expect(existsSync(server.dataDirectory)).toBe(true);
    await server.stop();
    await rm(secluded, { recursive: true });
    const other = await mkdtemp(join(tmpdir(), 'uma-embedded-test-'));
    const next = await start({ dataDirectory: join(other, 'data') });
    expect(existsSync(server.dataDirectory)).toBe(false);
    await next.stop();
    await rm(next.dataDirectory, { recursive: true });
    await rm(other, { recursive: true });
  });

  it('says why when it cannot start', async () => {
    const server = await start();
    await expect(startEmbeddedPostgres({ port: Number(new URL(server.url).port) })).rejects.toThrow('Address already in use');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)('dies with its starter when that gets %s, and its directory can be used at once', async (signal) => {
    const { child, processId } = await startElsewhere(dataDirectory);
    child.kill(signal);
    await eventually(() => findRunningProcess(processId) === undefined);
    await start();
  });

  it('leaves no temporary directory behind when its starter is killed', async () => {
    const { child, processId, dataDirectory: temporary } = await startElsewhere();
    expect(existsSync(temporary)).toBe(true);
    child.kill('SIGKILL');
    await eventually(() => findRunningProcess(processId) === undefined && !existsSync(temporary));
  });

  // The session of a process is read from /proc, which Linux alone has.
  (existsSync('/proc/self/stat') ? it : it.skip)('has a session of its own: Ctrl-C reaches its starter, which may drain, and not it', async () => {
    const server = await start();
    expect(findRunningProcess(server.processId)?.parent).toBe(process.pid);
    expect(sessionOf(server.processId)).toBe(server.processId);
  });
});

/** The session that a process belongs to. proc(5): `pid (comm) state ppid pgrp session …`. */
function sessionOf(processId: number): number {
  return Number(readFileSync(`/proc/${processId}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')[3]);
}
