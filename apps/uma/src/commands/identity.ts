import type { ServerFlags, SignInFlags } from '../flags.ts';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { resolveSettings } from '../settings/resolve-settings.ts';
import { signIn } from '../sign-in/sign-in.ts';
import { TokenCache } from '../sign-in/token-cache.ts';
import type { Surroundings } from '../surroundings.ts';

/** `uma login`: signs in and keeps the token, unless a password was used. */
export async function login(
  command: SignInFlags & { readonly as?: string | undefined; readonly servers: ServerFlags },
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { password, browser } = command;
  const settings = await resolveSettings(command.as, { ...command.servers, password, browser }, surroundings);
  const { how, expiresAt } = await signIn(settings, command, { acrValues: [] }, surroundings);
  const minutes = Math.max(0, Math.floor((expiresAt - surroundings.clock.now()) / 60));
  const kept = how === 'password' ? 'the token is not kept, because this is a development sign-in' : `the token is kept for ${minutes} minutes`;
  surroundings.stderr.write(`Signed in as ${settings.email} at ${settings.identityProvider}; ${kept}.\n`);
  return EXIT_CODES.ok;
}

/** `uma logout`: forgets the kept token of one person or of everybody. */
export async function logout(email: string | undefined, { configFolder, clock, stderr }: Surroundings): Promise<ExitCode> {
  await new TokenCache(configFolder).forget(email, clock.now());
  stderr.write(email === undefined ? 'Nobody is signed in any more.\n' : `${email} is not signed in any more.\n`);
  return EXIT_CODES.ok;
}

/** `uma whoami`: who has a kept token, and for how long. Nobody is a failed sign-in for scripts. */
export async function whoami({ configFolder, clock, stdout, stderr }: Surroundings): Promise<ExitCode> {
  const kept = await new TokenCache(configFolder).list(clock.now());
  for (const { email, identityProvider, expiresAt } of kept) {
    stdout.write(`${email} at ${identityProvider}, ${Math.round((expiresAt - clock.now()) / 60)} minutes left\n`);
  }
  if (kept.length > 0) return EXIT_CODES.ok;
  stderr.write('Nobody is signed in.\n');
  return EXIT_CODES.signInFailed;
}
