import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Which schema, and the folder with its numbered SQL files. */
export interface SchemaSource {
  readonly schema: string;
  readonly directory: string;
}

/** `expand` leaves the services of the release before at work; `contract` takes away what they still use. */
export type MigrationKind = 'expand' | 'contract';

/** One numbered file. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly kind: MigrationKind;
  /** SHA-256 of the text, hexadecimal. */
  readonly checksum: string;
  readonly text: string;
}

/** The schema of AS-RO as this release knows it. */
export const AS_RO_SCHEMA: SchemaSource = { schema: 'as_ro', directory: fileURLToPath(new URL('../migrations/as-ro', import.meta.url)) };

/**
 * Reads a folder of migrations, in order.
 * @throws Error when a name is not `NNNN-words.sql`, a number is missing or doubled, or the first line does not begin with `-- expand:` or `-- contract:`
 */
export async function readMigrations(directory: string): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).sort();
  return Promise.all(
    names.map(async (name, index) => {
      const number = /^([0-9]{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1];
      if (Number(number) !== index + 1) throw new Error(`${name}: expected a migration with the number ${String(index + 1).padStart(4, '0')}`);
      const text = await readFile(join(directory, name), 'utf8');
      const kind = /^-- (expand|contract):/.exec(text)?.[1] as MigrationKind | undefined;
      if (kind === undefined) throw new Error(`${name}: the first line must begin with "-- expand:" or "-- contract:"`);
      return { version: index + 1, name, kind, checksum: createHash('sha256').update(text).digest('hex'), text };
    }),
  );
}
