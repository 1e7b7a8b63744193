import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

/** Where the servers are and who the client is, as far as flags say. */
export interface ServerFlags {
  readonly identityProvider?: string | undefined;
  readonly asRqp?: string | undefined;
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

/** `uma get`. */
export interface GetCommand extends SignInFlags {
  readonly name: 'get';
  readonly url: URL;
  readonly as?: string | undefined;
  readonly owner?: string | undefined;
  readonly method: string;
  readonly data?: { readonly text: string } | { readonly file: string } | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly output?: string | undefined;
  readonly trace: boolean;
  readonly servers: ServerFlags;
}

export type Command =
  | GetCommand
  | (SignInFlags & { readonly name: 'login'; readonly as?: string | undefined; readonly servers: ServerFlags })
  | { readonly name: 'logout'; readonly as?: string | undefined }
  | { readonly name: 'whoami' }
  | { readonly name: 'discover'; readonly email: string; readonly servers: ServerFlags }
  | { readonly name: 'help' };

const SERVER_OPTIONS = {
  manifest: { type: 'string' },
  'identity-provider': { type: 'string' },
  'as-rqp': { type: 'string' },
  'client-id': { type: 'string' },
  'client-secret-file': { type: 'string' },
  'redirect-uri': { type: 'string' },
} as const;
const SIGN_IN_OPTIONS = {
  as: { type: 'string' },
  browser: { type: 'boolean' },
  'no-browser': { type: 'boolean' },
  'password-stdin': { type: 'boolean' },
  'password-file': { type: 'string' },
} as const;
const GET_OPTIONS = {
  method: { type: 'string', short: 'X' },
  data: { type: 'string', short: 'd' },
  header: { type: 'string', short: 'H', multiple: true },
  output: { type: 'string', short: 'o' },
  owner: { type: 'string' },
  trace: { type: 'boolean' },
} as const;
const OPTIONS = {
  get: { ...SERVER_OPTIONS, ...SIGN_IN_OPTIONS, ...GET_OPTIONS },
  login: { ...SERVER_OPTIONS, ...SIGN_IN_OPTIONS },
  logout: { as: { type: 'string' } },
  whoami: {},
  discover: { manifest: { type: 'string' } },
} as const;

/** What parseArgs gives for all options of all commands. */
type Values = { readonly [name in Exclude<keyof (typeof OPTIONS)['get'], 'header' | BooleanName>]?: string } & {
  readonly [name in BooleanName]?: boolean;
} & { readonly header?: string[] };
type BooleanName = 'trace' | 'browser' | 'no-browser' | 'password-stdin';

/**
 * Parses the command line.
 * @param words the arguments after the program's name
 * @throws UsageError for an unknown command or option, a missing or surplus argument, and contradicting options
 */
export function parseArguments(words: readonly string[]): Command {
  const [name = 'help', ...rest] = words;
  if (['help', '--help', '-h'].includes(name) || rest.includes('--help') || rest.includes('-h')) return { name: 'help' };
  if (!Object.hasOwn(OPTIONS, name)) throw new UsageError(`There is no command "${name}". Try "uma help".`);
  const command = name as keyof typeof OPTIONS;
  const { values, positionals } = parse(command, rest);
  switch (command) {
    case 'get':
      return readGet(values, positionals);
    case 'login':
      none(positionals);
      return { name: command, as: values.as, servers: serverFlags(values), ...signInFlags(values) };
    case 'logout':
      none(positionals);
      return { name: command, as: values.as };
    case 'whoami':
      none(positionals);
      return { name: command };
    case 'discover':
      return { name: command, email: only(positionals, 'an e-mail address'), servers: serverFlags(values) };
  }
}

function parse(command: keyof typeof OPTIONS, words: string[]): { values: Values; positionals: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: words, options: OPTIONS[command], allowPositionals: true, strict: true });
    return { values: values as Values, positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'The options cannot be read.');
  }
}

function readGet(values: Values, positionals: string[]): GetCommand {
  const { data, method = data === undefined ? 'GET' : 'POST', header = [], trace = false } = values;
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) throw new UsageError('--method is not an HTTP method.');
  return {
    name: 'get',
    url: readUrl(only(positionals, 'a URL')),
    as: values.as,
    owner: values.owner,
    method: method.toUpperCase(),
    data: data === undefined ? undefined : data.startsWith('@') ? { file: data.slice(1) } : { text: data },
    headers: header.map(readHeader),
    output: values.output,
    trace,
    servers: serverFlags(values),
    ...signInFlags(values),
  };
}

function serverFlags(values: Values): ServerFlags {
  return {
    manifest: values.manifest,
    identityProvider: values['identity-provider'],
    asRqp: values['as-rqp'],
    clientId: values['client-id'],
    clientSecretFile: values['client-secret-file'],
    redirectUri: values['redirect-uri'],
  };
}

function signInFlags(values: Values): SignInFlags {
  const chosen = (['browser', 'no-browser', 'password-stdin', 'password-file'] as const).filter((name) => values[name] !== undefined);
  if (chosen.length > 1) throw new UsageError(`--${chosen.join(' and --')} exclude each other.`);
  const file = values['password-file'];
  if (file !== undefined) return { password: { from: 'file', file } };
  if (values['password-stdin'] === true) return { password: { from: 'stdin' } };
  if (values.browser === true) return { browser: 'open' };
  return values['no-browser'] === true ? { browser: 'print' } : {};
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) throw new UsageError(`"${text}" is not an http or https URL.`);
  if (url.username !== '' || url.password !== '') throw new UsageError('The URL may not hold a user name or password.');
  return url;
}

function readHeader(text: string): readonly [string, string] {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) throw new UsageError(`--header "${text}" is not of the form 'Name: value'.`);
  return [match[1], match[2].trimEnd()];
}

function only(positionals: string[], what: string): string {
  const [first, ...surplus] = positionals;
  if (first === undefined || surplus.length > 0) throw new UsageError(`This command takes ${what} and nothing else. Try "uma help".`);
  return first;
}

function none(positionals: string[]): void {
  if (positionals.length > 0) throw new UsageError('This command takes no argument. Try "uma help".');
}
