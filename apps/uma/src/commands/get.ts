import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createUmaFetch, type NeedInfo, type SubjectToken } from '@uma-federation/uma-client';
import type { GetCommand } from '../arguments.ts';
import { exitCodeOfResponse, type ExitCode } from '../exit-codes.ts';
import { resolveSettings, type Settings } from '../settings/resolve-settings.ts';
import { signIn, type Attempt } from '../sign-in/sign-in.ts';
import type { Surroundings } from '../surroundings.ts';
import { paintWith } from '../trace/paint.ts';
import { TracePrinter } from '../trace/trace-printer.ts';
import { UsageError } from '../usage-error.ts';

/**
 * `uma get`: fetches the resource and writes its body, whatever its status is, to stdout or the file.
 * The person is signed in when a challenge makes it necessary, not before.
 */
export async function get(command: GetCommand, surroundings: Surroundings): Promise<ExitCode> {
  const body = command.data === undefined ? undefined : 'text' in command.data ? command.data.text : await readData(command.data.file);
  const settings = await resolveSettings(command.as, { ...command.servers, ...signInFlags(command) }, surroundings);
  const response = await umaFetch(command, settings, surroundings)(command.url, {
    method: command.method,
    headers: command.headers.map(([name, value]): [string, string] => [name, value]),
    ...(body === undefined ? {} : { body }),
  });
  if (response.body !== null) await writeBody(response.body, command.output, surroundings);
  const code = exitCodeOfResponse(response);
  if (code !== 0) surroundings.stderr.write(`The resource server answered ${response.status}.\n`);
  return code;
}

function umaFetch(command: GetCommand, settings: Settings, surroundings: Surroundings) {
  const { asRqp, client, resourceOwnerClient, trustedResourceServers } = settings;
  const printer = new TracePrinter(paintWith(surroundings.colours));
  const subjectToken = subjectTokenOf(command, settings, surroundings);
  try {
    return createUmaFetch({
      subjectToken,
      requestingPartyServer: { issuer: asRqp, ...client },
      resourceOwnerClient,
      trustedResourceServers,
      ownerEmail: command.owner,
      fetch: surroundings.fetch,
      clock: surroundings.clock,
      ...(command.trace ? { onStep: (step) => void surroundings.stderr.write(printer.print(step)) } : {}),
    });
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError('--owner is not an e-mail address.');
    throw error;
  }
}

/**
 * Signs in at the first challenge; once more, in the browser, when a better sign-in is demanded (RFC 9470). The same token otherwise:
 * that tells uma-client that there is no better one.
 */
function subjectTokenOf(command: GetCommand, settings: Settings, surroundings: Surroundings): (missing?: NeedInfo) => Promise<SubjectToken> {
  let attempt: Attempt | undefined;
  let steppedUp = false;
  return async (missing) => {
    const demand = missing !== undefined && (missing.acrValues.length > 0 || missing.maxAgeSeconds !== undefined) ? missing : undefined;
    if (attempt === undefined) attempt = await signIn(settings, command, undefined, surroundings);
    else if (demand !== undefined && attempt.how !== 'password' && !steppedUp) {
      steppedUp = true;
      surroundings.stderr.write('The owner demands a stronger or fresher sign-in.\n');
      attempt = await signIn(settings, command, demand, surroundings);
    }
    return attempt.subjectToken;
  };
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
