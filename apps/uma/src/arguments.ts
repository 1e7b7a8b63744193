import { readDuration } from './duration.ts';
import { excludeEachOther, none, only, parseWords, SERVER_OPTIONS, serverFlags, SIGN_IN_OPTIONS, signInFlags, type CommonValues, type ServerFlags, type SignInFlags } from './flags.ts';
import { isOwnerCommand, parseOwnerArguments, type OwnerCommand } from './owner-arguments.ts';
import { UsageError } from './usage-error.ts';

/** How the client speaks with the servers, where that is not the ordinary way. */
export interface FlowFlags {
  readonly trace: boolean;
  /** How long to wait for an owner who is asked. */
  readonly waitSeconds?: number | undefined;
  readonly flow?: 'ticket-challenge' | 'oauth' | 'uma-1' | undefined;
  /** Say who asks only when AS-RO wants to know. */
  readonly claimsWhenAsked?: boolean | undefined;
}

/** `uma get`. */
export interface GetCommand extends SignInFlags, FlowFlags {
  readonly name: 'get';
  readonly url: URL;
  readonly as?: string | undefined;
  readonly owner?: string | undefined;
  readonly method: string;
  readonly data?: { readonly text: string } | { readonly file: string } | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly output?: string | undefined;
  readonly servers: ServerFlags;
}

/** `uma claims` and `uma forget`: what an AS-RO remembers about the person. */
export interface ClaimsCommand extends SignInFlags, FlowFlags {
  readonly name: 'claims';
  /** Issuer of the AS-RO. */
  readonly issuer: URL;
  /** `undefined`: list them; a string: erase that one. */
  readonly forget?: { readonly id: string } | 'all' | undefined;
  readonly as?: string | undefined;
  readonly servers: ServerFlags;
}

export type Command =
  | GetCommand
  | ClaimsCommand
  | OwnerCommand
  | (SignInFlags & { readonly name: 'login'; readonly as?: string | undefined; readonly servers: ServerFlags })
  | { readonly name: 'logout'; readonly as?: string | undefined }
  | { readonly name: 'whoami' }
  | { readonly name: 'discover'; readonly email: string; readonly servers: ServerFlags }
  | { readonly name: 'help' };

const GET_OPTIONS = {
  ...SERVER_OPTIONS,
  ...SIGN_IN_OPTIONS,
  method: { type: 'string', short: 'X' },
  data: { type: 'string', short: 'd' },
  header: { type: 'string', short: 'H', multiple: true },
  output: { type: 'string', short: 'o' },
  owner: { type: 'string' },
  trace: { type: 'boolean' },
  wait: { type: 'string' },
  dialect: { type: 'string' },
  'oauth-profile': { type: 'boolean' },
  'uma-1': { type: 'boolean' },
  'claims-when-asked': { type: 'boolean' },
} as const;
const CLAIMS_OPTIONS = { ...SERVER_OPTIONS, ...SIGN_IN_OPTIONS, trace: { type: 'boolean' } } as const;

/**
 * Parses the command line.
 * @param words the arguments after the program's name
 * @throws UsageError for an unknown command or option, a missing or surplus argument, and contradicting options
 */
export function parseArguments(words: readonly string[]): Command {
  const [name = 'help', ...rest] = words;
  if (['help', '--help', '-h'].includes(name) || rest.includes('--help') || rest.includes('-h')) return { name: 'help' };
  if (isOwnerCommand(name)) return parseOwnerArguments(name, rest);
  switch (name) {
    case 'get':
      return readGet(rest);
    case 'claims':
      return readClaims(rest);
    case 'forget':
      return readForget(rest);
    case 'login': {
      const { values, positionals } = parseWords({ ...SERVER_OPTIONS, ...SIGN_IN_OPTIONS }, rest);
      none(positionals);
      return { name, as: values.as, servers: serverFlags(values), ...signInFlags(values) };
    }
    case 'logout': {
      const { values, positionals } = parseWords({ as: { type: 'string' } }, rest);
      none(positionals);
      return { name, as: values.as };
    }
    case 'whoami':
      none(parseWords({}, rest).positionals);
      return { name };
    case 'discover': {
      const { values, positionals } = parseWords({ manifest: { type: 'string' } }, rest);
      return { name, email: only(positionals, 'an e-mail address'), servers: serverFlags(values) };
    }
    default:
      throw new UsageError(`There is no command "${name}". Try "uma help".`);
  }
}

function readGet(words: readonly string[]): GetCommand {
  const { values, positionals } = parseWords(GET_OPTIONS, words);
  const { data, method = data === undefined ? 'GET' : 'POST', header = [], trace = false, wait } = values;
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) throw new UsageError('--method is not an HTTP method.');
  if (values.dialect !== undefined && values.dialect !== 'ticket-challenge') throw new UsageError('--dialect knows "ticket-challenge" and nothing else.');
  excludeEachOther(values, ['dialect', 'oauth-profile', 'uma-1']);
  excludeEachOther(values, ['wait', 'uma-1']);
  excludeEachOther(values, ['owner', 'uma-1']);
  excludeEachOther(values, ['claims-when-asked', 'uma-1']);
  excludeEachOther(values, ['claims-when-asked', 'oauth-profile']);
  return {
    name: 'get',
    url: readUrl(only(positionals, 'a URL')),
    owner: values.owner,
    method: method.toUpperCase(),
    data: data === undefined ? undefined : data.startsWith('@') ? { file: data.slice(1) } : { text: data },
    headers: header.map(readHeader),
    output: values.output,
    trace,
    waitSeconds: wait === undefined ? undefined : readDuration(wait),
    flow: values['uma-1'] === true ? 'uma-1' : values['oauth-profile'] === true ? 'oauth' : values.dialect,
    claimsWhenAsked: values['claims-when-asked'],
    ...common(values),
  };
}

function readClaims(words: readonly string[]): ClaimsCommand {
  const { values, positionals } = parseWords(CLAIMS_OPTIONS, words);
  return { name: 'claims', issuer: readUrl(only(positionals, 'the issuer of an authorization server')), trace: values.trace ?? false, ...common(values) };
}

function readForget(words: readonly string[]): ClaimsCommand {
  const { values, positionals } = parseWords({ ...CLAIMS_OPTIONS, all: { type: 'boolean' } }, words);
  const [issuer, id, ...surplus] = positionals;
  if (issuer === undefined || surplus.length > 0 || (id === undefined) !== (values.all === true)) {
    throw new UsageError('This command takes the issuer of an authorization server, and an id of "uma claims" or --all.');
  }
  return { name: 'claims', issuer: readUrl(issuer), forget: id === undefined ? 'all' : { id }, trace: values.trace ?? false, ...common(values) };
}

function common(values: CommonValues): SignInFlags & { as: string | undefined; servers: ServerFlags } {
  return { as: values.as, servers: serverFlags(values), ...signInFlags(values) };
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
