import { parseArguments, type Command } from './arguments.ts';
import { claims } from './commands/claims.ts';
import { discover } from './commands/discover.ts';
import { get } from './commands/get.ts';
import { login, logout, whoami } from './commands/identity.ts';
import { owner } from './commands/owner.ts';
import { EXIT_CODES, exitCodeOfError, type ExitCode } from './exit-codes.ts';
import { explainFailure } from './explain-failure.ts';
import { HELP_TEXT } from './help-text.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Runs one command line. stdout gets the body of the resource and nothing else (or the answer of a command that informs).
 * @param words the arguments after the program's name
 * @returns the exit code, see `EXIT_CODES`; never throws
 */
export async function runUma(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  try {
    return await run(parseArguments(words), surroundings);
  } catch (error) {
    surroundings.stderr.write(explainFailure(error));
    return exitCodeOfError(error);
  }
}

function run(command: Command, surroundings: Surroundings): Promise<ExitCode> {
  switch (command.name) {
    case 'get':
      return get(command, surroundings);
    case 'claims':
      return claims(command, surroundings);
    case 'owner':
      return owner(command, surroundings);
    case 'login':
      return login(command, surroundings);
    case 'logout':
      return logout(command.as, surroundings);
    case 'whoami':
      return whoami(surroundings);
    case 'discover':
      return discover(command.email, command.servers.manifest, surroundings);
    case 'help':
      surroundings.stdout.write(HELP_TEXT);
      return Promise.resolve(EXIT_CODES.ok);
  }
}
