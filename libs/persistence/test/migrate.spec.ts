import { cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, type Database } from '../src/database.ts';
import { assertSchemaVersion, migrate } from '../src/migrate.ts';
import { AS_RO_SCHEMA } from '../src/migrations.ts';
import { createEmptyDatabase, PATIENT, type TestDatabase } from './test-database.ts';
import { embeddedServer } from './test-servers.ts';

describe('migrate and assertSchemaVersion', () => {
  let server: TestDatabase;
  let owner: Database;
  let directory: string;
  const example = () => ({ schema: 'example', directory });
  const write = (name: string, text: string) => writeFile(join(directory, name), text);
  beforeEach(async () => {
    server = await createEmptyDatabase(embeddedServer());
    owner = connect({ ...PATIENT, url: server.url });
    directory = await mkdtemp(join(tmpdir(), 'uma-migrations-'));
    await write('0001-one.sql', '-- expand: one\ncreate table example.one (id int);\ninsert into example.one values (1);');
    await write('0002-two.sql', '-- expand: two\nalter table example.one add two int;');
  });
  afterEach(async () => {
    await owner.close();
    await server.drop();
    await rm(directory, { recursive: true });
  });

  it('applies what is missing, in order, and nothing twice', async () => {
    await rename(join(directory, '0002-two.sql'), join(directory, '../later.sql'));
    expect(await migrate(owner, example())).toEqual(['0001-one.sql']);
    await rename(join(directory, '../later.sql'), join(directory, '0002-two.sql'));
    expect(await migrate(owner, example())).toEqual(['0002-two.sql']);
    expect(await migrate(owner, example())).toEqual([]);
    expect([...(await owner.run((sql) => sql<object[]>`select * from example.one`))]).toEqual([{ id: 1, two: null }]);
  });

  it('applies each file once when many replicas migrate at the same time', async () => {
    const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(owner, example())));
    expect(applied.flat().sort()).toEqual(['0001-one.sql', '0002-two.sql']);
  });

  it('refuses a file that was changed after it had been applied, in migration and at the start of a service', async () => {
    await migrate(owner, example());
    await write('0001-one.sql', '-- expand: one, retold\ncreate table example.one (id int);');
    for (const check of [migrate, assertSchemaVersion]) await expect(check(owner, example())).rejects.toThrow('0001-one.sql was changed');
  });

  it('leaves everything as it was when a file fails', async () => {
    await write('0002-two.sql', '-- expand: two\ncreate table example.two (id int); select nonsense;');
    await expect(migrate(owner, example())).rejects.toThrow('0002-two.sql failed');
    await expect(owner.run((sql) => sql<object[]>`select * from example.one`)).rejects.toMatchObject({ code: '42P01' });
  });

  it.each([
    ['a gap in the numbers', '0004-four.sql', '-- expand: four'],
    ['a doubled number', '0001-zero.sql', '-- expand: zero'],
    ['a name out of the pattern', '0003_three.sql', '-- expand: three'],
    ['no word on whether older services can go on', '0003-three.sql', 'select 1;'],
  ])('refuses a folder with %s', async (_what, name, text) => {
    await write(name, text);
    await expect(migrate(owner, example())).rejects.toThrow(name);
  });

  it('lets a service start on the schema it knows, and on none that is missing or behind', async () => {
    await expect(assertSchemaVersion(owner, example())).rejects.toThrow('lacks the migration 0001-one.sql');
    await migrate(owner, example());
    await assertSchemaVersion(owner, example());
    await write('0003-three.sql', '-- expand: three');
    await expect(assertSchemaVersion(owner, example())).rejects.toThrow('lacks the migration 0003-three.sql');
  });

  it('lets the release before go on after a migration that expands, and not after one that contracts', async () => {
    const before = { schema: 'example', directory: `${directory}-before` };
    await cp(directory, before.directory, { recursive: true });
    await write('0003-three.sql', '-- expand: three\nalter table example.one add three int;');
    await migrate(owner, example());
    await assertSchemaVersion(owner, before);
    expect(await migrate(owner, before)).toEqual([]);
    await write('0004-four.sql', '-- contract: four\nalter table example.one drop two;');
    await migrate(owner, example());
    await expect(assertSchemaVersion(owner, before)).rejects.toThrow('newer than this release: 0004-four.sql');
    await rm(before.directory, { recursive: true });
  });

  it('makes the schema of AS-RO, and says 503 when there is no database to ask', async () => {
    await migrate(owner, AS_RO_SCHEMA);
    await assertSchemaVersion(owner, AS_RO_SCHEMA);
    const nowhere = connect({ url: 'postgres://nobody:nothing@127.0.0.1:1/none' });
    await expect(assertSchemaVersion(nowhere, AS_RO_SCHEMA)).rejects.toMatchObject({ status: 503 });
    await nowhere.close();
  });
});
