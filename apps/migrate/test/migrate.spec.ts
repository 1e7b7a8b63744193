import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AS_RO_SCHEMA, assertSchemaVersion, connect, startEmbeddedPostgres, type Database, type EmbeddedPostgres } from '@uma-federation/persistence';
import { EXIT_CODES, runMigrate } from '../src/index.ts';

const EXAMPLE = fileURLToPath(new URL('../config.example.yaml', import.meta.url));
const OWNER_PASSWORD = 'the-owner-signs-in-with-this';
const PASSWORD = "what the service's role signs in with";
const PATIENT = { connectTimeoutMs: 20_000, poolWaitTimeoutMs: 20_000, statementTimeoutMs: 20_000 };

async function run(commandLine: readonly string[], environment: Record<string, string> = {}): Promise<{ code: number; lines: readonly string[] }> {
  const lines: string[] = [];
  const code = await runMigrate({ arguments: commandLine, environment, print: (line) => void lines.push(line) });
  return { code, lines };
}

async function within<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
  const database = connect({ ...PATIENT, url });
  return work(database).finally(() => database.close());
}
const execute = (url: string, ...statements: string[]): Promise<object[]> =>
  within(url, async (database) => {
    const rows: object[] = [];
    for (const statement of statements) rows.push(...(await database.run((sql) => sql.unsafe<object[]>(statement))));
    return rows;
  });

describe('migrate', () => {
  let server: EmbeddedPostgres;
  let folder: string;
  let name: string;
  beforeAll(async () => {
    server = await startEmbeddedPostgres();
    folder = await mkdtemp(join(tmpdir(), 'uma-migrate-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await server.stop();
  });

  // The owner is no superuser: it owns one database and may make roles, as in the compose federation.
  beforeEach(async () => {
    name = `m${randomBytes(5).toString('hex')}`;
    await execute(server.url, `create role ${name}_owner login createrole password '${OWNER_PASSWORD}'`, `create database ${name} owner ${name}_owner`);
  });
  afterEach(async () => {
    await execute(server.url, `drop database ${name} with (force)`, `drop role if exists ${name}_service`, `drop role ${name}_owner`);
  });

  const urlFor = (user: string, password: string): string => {
    const url = new URL(server.url);
    Object.assign(url, { username: user, password: encodeURIComponent(password), pathname: `/${name}` });
    return url.href;
  };
  const environment = (more: Record<string, string> = {}): Record<string, string> => {
    const url = new URL(server.url);
    return {
      MIGRATE__DATABASE__URL: `postgres://${name}_owner@${url.host}/${name}`,
      MIGRATE__DATABASE__PASSWORD: OWNER_PASSWORD,
      MIGRATE__DATABASE__CONNECT_TIMEOUT: '20s',
      MIGRATE__SERVICE_ROLE__NAME: `${name}_service`,
      MIGRATE__SERVICE_ROLE__PASSWORD: PASSWORD,
      ...more,
    };
  };
  const serviceUrl = (): string => urlFor(`${name}_service`, PASSWORD);

  it('makes the schema, says what it applied, and makes a role that the service can work with', async () => {
    const { code, lines } = await run([], environment());
    expect(code).toBe(EXIT_CODES.done);
    expect(lines[0]).toBe('applied 0001-ledgers-resources-shares.sql');
    expect(lines.slice(-2)).toEqual(['the schema is up to date', `role ${name}_service: created, rights granted`]);
    await within(serviceUrl(), (database) => assertSchemaVersion(database, AS_RO_SCHEMA));
  });

  it('gives the role no DDL, and of the audit table only the right to add', async () => {
    await run([], environment());
    await execute(serviceUrl(), "insert into as_ro.audit (event, data) values ('example', '{}')");
    for (const statement of ['create table as_ro.mine (id int)', 'drop table as_ro.share', 'select * from as_ro.audit', 'delete from as_ro.audit', "update as_ro.audit set event = 'x'"]) {
      await expect(execute(serviceUrl(), statement)).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('may be run again: nothing is applied twice, and the password is renewed', async () => {
    await run([], environment());
    const renewed = 'another password';
    const { code, lines } = await run([], environment({ MIGRATE__SERVICE_ROLE__PASSWORD: renewed }));
    expect([code, lines]).toEqual([EXIT_CODES.done, ['the schema was up to date', `role ${name}_service: password set, rights granted`]]);
    expect(await execute(urlFor(`${name}_service`, renewed), 'select 1 as one')).toEqual([{ one: 1 }]);
    await expect(execute(serviceUrl(), 'select 1')).rejects.toMatchObject({ status: 503, detail: '28P01' });
  });

  it('takes turns with other jobs', async () => {
    const runs = await Promise.all(Array.from({ length: 5 }, () => run([], environment())));
    expect(runs.map(({ code }) => code)).toEqual(Array(5).fill(EXIT_CODES.done));
    expect(runs.filter(({ lines }) => lines.includes('applied 0001-ledgers-resources-shares.sql'))).toHaveLength(1);
    expect(runs.filter(({ lines }) => lines.includes(`role ${name}_service: created, rights granted`))).toHaveLength(1);
  });

  it('grants rights to a role that somebody else made, without a password', async () => {
    await execute(server.url, `create role ${name}_service login password '${PASSWORD.replace("'", "''")}'`);
    const { MIGRATE__SERVICE_ROLE__PASSWORD: _, ...withoutPassword } = environment();
    const { code, lines } = await run([], withoutPassword);
    expect([code, lines.at(-1)]).toEqual([EXIT_CODES.done, `role ${name}_service: left as it was, rights granted`]);
    await within(serviceUrl(), (database) => assertSchemaVersion(database, AS_RO_SCHEMA));
  });

  it('wants a password for a role that is missing', async () => {
    const { MIGRATE__SERVICE_ROLE__PASSWORD: _, ...withoutPassword } = environment();
    const { code, lines } = await run([], withoutPassword);
    expect(code).toBe(EXIT_CODES.failed);
    expect(lines.at(-1)).toContain('there is no role');
  });

  it.each([
    ['the owner itself', '_owner', undefined, "has the rights of the schema's owner"],
    ['a member of the owner', '_service', (prefix: string) => [`create role ${prefix}_service`, `grant ${prefix}_owner to ${prefix}_service`], "has the rights of the schema's owner"],
    ['a role that may make roles', '_service', (prefix: string) => [`create role ${prefix}_service createrole`], 'may make roles'],
  ])('refuses %s as the role of the service', async (_, suffix, prepare, message) => {
    await execute(server.url, ...(prepare?.(name) ?? []));
    const { code, lines } = await run([], environment({ MIGRATE__SERVICE_ROLE__NAME: `${name}${suffix}` }));
    expect(code).toBe(EXIT_CODES.failed);
    expect(lines.at(-1)).toContain(message);
  });

  it('waits for a database that is not there yet', async () => {
    await execute(server.url, `drop database ${name} with (force)`);
    const job = run([], environment({ MIGRATE__PATIENCE: '20s' }));
    await execute(server.url, `create database ${name} owner ${name}_owner`);
    expect((await job).code).toBe(EXIT_CODES.done);
  });

  it('gives up after its patience, and says why without the password', async () => {
    const nowhere = { MIGRATE__DATABASE__URL: `postgres://${name}_owner@127.0.0.1:1/${name}`, MIGRATE__PATIENCE: '300ms' };
    const { code, lines } = await run([], environment(nowhere));
    expect(code).toBe(EXIT_CODES.databaseUnavailable);
    expect(lines).toEqual(['migrate: the database did not let us in within 0.3 s (ECONNREFUSED)']);
    const wrong = await run([], environment({ MIGRATE__DATABASE__PASSWORD: 'wrong', MIGRATE__PATIENCE: '300ms' }));
    expect(wrong).toEqual({ code: EXIT_CODES.databaseUnavailable, lines: ['migrate: the database did not let us in within 0.3 s (28P01)'] });
  });

  it('takes its passwords from files', async () => {
    const files = { owner: join(folder, 'owner'), service: join(folder, 'service') };
    await writeFile(files.owner, `${OWNER_PASSWORD}\n`);
    await writeFile(files.service, `${PASSWORD}\n`);
    const { MIGRATE__DATABASE__PASSWORD: _, MIGRATE__SERVICE_ROLE__PASSWORD: __, ...others } = environment();
    const { code } = await run([], { ...others, MIGRATE__DATABASE__PASSWORD_FILE: files.owner, MIGRATE__SERVICE_ROLE__PASSWORD_FILE: files.service });
    expect(code).toBe(EXIT_CODES.done);
    expect(await execute(serviceUrl(), 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});

describe('the command line of migrate', () => {
  it('finds its example configuration good', async () => {
    expect(await run(['--config', EXAMPLE, '--check-config'])).toEqual({ code: EXIT_CODES.done, lines: ['migrate: the configuration is good.'] });
  });

  it.each(['acme', 'globex'])('finds the configuration of %s in the compose federation good', async (domain) => {
    const file = fileURLToPath(new URL(`../../../deploy/config/${domain}/migrate.yaml`, import.meta.url));
    expect((await run(['--config', file, '--check-config'], { MIGRATE__SERVICE_ROLE__PASSWORD: PASSWORD })).code).toBe(EXIT_CODES.done);
  });

  it('answers 2 to a bad command line and a bad configuration', async () => {
    expect(await run(['--fast'])).toEqual({ code: EXIT_CODES.configuration, lines: ['Usage: migrate [--config FILE] [--check-config]'] });
    const { code, lines } = await run(['--config', EXAMPLE], { MIGRATE__SERVICE_ROLE__NAME: 'x"; drop role y; --', MIGRATE__DATABASE__PASSWORT: 'hunter2' });
    expect(code).toBe(EXIT_CODES.configuration);
    expect(lines.join()).toContain('serviceRole.name');
    expect(lines.join()).toContain('database.passwort: there is no such setting');
    expect(lines.join()).not.toContain('hunter2');
  });
});
