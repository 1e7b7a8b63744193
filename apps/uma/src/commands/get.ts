import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { GetCommand } from '../arguments.ts';
import { exitCodeOfResponse, type ExitCode } from '../exit-codes.ts';
import { resolveSettings } from '../settings/resolve-settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { umaFetchOf } from '../uma-fetch.ts';
import { UsageError } from '../usage-error.ts';

/**
 * `uma get`: fetches the resource and writes its body, whatever its status is, to stdout or the file.
 * The person is signed in when a challenge makes it necessary, not before.
 */
export async function get(command: GetCommand, surroundings: Surroundings): Promise<ExitCode> {
  const body = command.data === undefined ? undefined : 'text' in command.data ? command.data.text : await readData(command.data.file);
  const settings = await resolveSettings(command.as, { ...command.servers, ...signInFlags(command) }, surroundings);
  const response = await umaFetchOf(command, settings, surroundings)(command.url, {
    method: command.method,
    headers: command.headers.map(([name, value]): [string, string] => [name, value]),
    ...(body === undefined ? {} : { body }),
  });
  if (response.body !== null) await writeBody(response.body, command.output, surroundings);
  const code = exitCodeOfResponse(response);
  if (code !== 0) surroundings.stderr.write(`The resource server answered ${response.status}.\n`);
  return code;
}

function signInFlags({ password, browser }: GetCommand) {
  return { password, browser };
}

async function readData(file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(file));
  } catch {
    throw new UsageError(`The file ${file} cannot be read.`);
  }
}

async function writeBody(body: ReadableStream, file: string | undefined, { stdout }: Surroundings): Promise<void> {
  const readable = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
  if (file !== undefined) return pipeline(readable, createWriteStream(file));
  try {
    await pipeline(readable, stdout, { end: false });
  } catch (error) {
    // The reader of a pipe may have seen enough.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}
