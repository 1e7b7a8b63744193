import { parseArgs, type ParseArgsConfig } from 'node:util';
import { UsageError } from './usage-error.ts';

/** Where the servers are and who the client is, as far as flags say. */
export interface ServerFlags {
  readonly identityProvider?: string | undefined;
  readonly asRqp?: string | undefined;
  /** The person's own AS-RO, for what they own. */
  readonly asRo?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecretFile?: string | undefined;
  readonly redirectUri?: string | undefined;
  readonly manifest?: string | undefined;
}

/** How the person signs in. */
export interface SignInFlags {
  readonly password?: { readonly from: 'stdin' } | { readonly from: 'file'; readonly file: string } | undefined;
  /** `open` and `print` also rule out the password of a manifest. */
  readonly browser?: 'open' | 'print' | undefined;
}

/** Options that say where the servers are. */
export const SERVER_OPTIONS = {
  manifest: { type: 'string' },
  'identity-provider': { type: 'string' },
  'as-rqp': { type: 'string' },
  'client-id': { type: 'string' },
  'client-secret-file': { type: 'string' },
  'redirect-uri': { type: 'string' },
} as const;
/** Options that say who signs in, and how. */
export const SIGN_IN_OPTIONS = {
  as: { type: 'string' },
  browser: { type: 'boolean' },
  'no-browser': { type: 'boolean' },
  'password-stdin': { type: 'boolean' },
  'password-file': { type: 'string' },
} as const;

/** What was said about servers, client and sign-in. */
export interface CommonValues {
  readonly as?: string;
  readonly manifest?: string;
  readonly 'identity-provider'?: string;
  readonly 'as-rqp'?: string;
  readonly 'as-ro'?: string;
  readonly 'client-id'?: string;
  readonly 'client-secret-file'?: string;
  readonly 'redirect-uri'?: string;
  readonly browser?: boolean;
  readonly 'no-browser'?: boolean;
  readonly 'password-stdin'?: boolean;
  readonly 'password-file'?: string;
}

/**
 * Parses the words after a command.
 * @throws UsageError for an unknown option or one without its value
 */
export function parseWords<T extends NonNullable<ParseArgsConfig['options']>>(options: T, words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'The options cannot be read.');
  }
}

/** What was said about where the servers are. */
export function serverFlags(values: CommonValues): ServerFlags {
  return {
    manifest: values.manifest,
    identityProvider: values['identity-provider'],
    asRqp: values['as-rqp'],
    ...(values['as-ro'] === undefined ? {} : { asRo: values['as-ro'] }),
    clientId: values['client-id'],
    clientSecretFile: values['client-secret-file'],
    redirectUri: values['redirect-uri'],
  };
}

/** @throws UsageError for two ways to sign in */
export function signInFlags(values: CommonValues): SignInFlags {
  excludeEachOther(values, ['browser', 'no-browser', 'password-stdin', 'password-file']);
  const file = values['password-file'];
  if (file !== undefined) return { password: { from: 'file', file } };
  if (values['password-stdin'] === true) return { password: { from: 'stdin' } };
  if (values.browser === true) return { browser: 'open' };
  return values['no-browser'] === true ? { browser: 'print' } : {};
}

/** @throws UsageError when more than one of the options is there */
export function excludeEachOther<T extends object>(values: T, names: readonly (keyof T & string)[]): void {
  const chosen = names.filter((name) => values[name] !== undefined);
  if (chosen.length > 1) throw new UsageError(`--${chosen.join(' and --')} exclude each other.`);
}

/** The only argument. @throws UsageError */
export function only(positionals: readonly string[], what: string): string {
  const [first, ...surplus] = positionals;
  if (first === undefined || surplus.length > 0) throw new UsageError(`This command takes ${what} and nothing else. Try "uma help".`);
  return first;
}

/** @throws UsageError when there is an argument */
export function none(positionals: readonly string[]): void {
  if (positionals.length > 0) throw new UsageError('This command takes no argument. Try "uma help".');
}
