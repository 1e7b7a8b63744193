import { readUntil, type Until } from './duration.ts';
import { excludeEachOther, none, only, parseWords, SERVER_OPTIONS, serverFlags, SIGN_IN_OPTIONS, signInFlags, type CommonValues, type ServerFlags, type SignInFlags } from './flags.ts';
import { UsageError } from './usage-error.ts';

/** Whom a resource is shared with, as the owner API writes it. */
export type Grantee = { readonly email: string } | { readonly domain: string } | { readonly anyone: true; readonly unidentified?: true };

/** A share that is to be. */
export interface ShareFlags {
  readonly resourceId: string;
  readonly scopes: readonly string[];
  readonly grantee: Grantee;
  readonly until?: Until | undefined;
  readonly conditions?: { readonly acr_values?: readonly string[]; readonly ask?: true } | undefined;
}

/** What an owner does at their own AS-RO. */
export type OwnerAction =
  | { readonly kind: 'resources' | 'shares' | 'requests' }
  | { readonly kind: 'share'; readonly share: ShareFlags }
  | { readonly kind: 'unshare' | 'deny'; readonly id: string }
  | { readonly kind: 'approve'; readonly id: string; readonly scopes?: readonly string[] | undefined; readonly until?: Until | undefined };

/** A command of an owner, with who they are and where their servers are. */
export interface OwnerCommand extends SignInFlags {
  readonly name: 'owner';
  readonly action: OwnerAction;
  readonly as?: string | undefined;
  readonly servers: ServerFlags;
}

const COMMON = { ...SERVER_OPTIONS, ...SIGN_IN_OPTIONS, 'as-ro': { type: 'string' } } as const;
const OPTIONS = {
  resources: COMMON,
  shares: COMMON,
  requests: COMMON,
  unshare: COMMON,
  deny: COMMON,
  approve: { ...COMMON, scope: { type: 'string', multiple: true }, until: { type: 'string' } },
  share: {
    ...COMMON,
    with: { type: 'string' },
    domain: { type: 'string' },
    anyone: { type: 'boolean' },
    unidentified: { type: 'boolean' },
    ask: { type: 'boolean' },
    acr: { type: 'string', multiple: true },
    until: { type: 'string' },
  },
} as const;

/** Whether a command is one of an owner. */
export function isOwnerCommand(name: string): name is keyof typeof OPTIONS {
  return Object.hasOwn(OPTIONS, name);
}

/** @throws UsageError as `parseArguments` */
export function parseOwnerArguments(name: keyof typeof OPTIONS, words: readonly string[]): OwnerCommand {
  const { action, values } = readAction(name, words);
  return { name: 'owner', action, as: values.as, servers: serverFlags(values), ...signInFlags(values) };
}

function readAction(name: keyof typeof OPTIONS, words: readonly string[]): { action: OwnerAction; values: CommonValues } {
  switch (name) {
    case 'resources':
    case 'shares':
    case 'requests': {
      const { values, positionals } = parseWords(OPTIONS[name], words);
      none(positionals);
      return { action: { kind: name }, values };
    }
    case 'unshare':
    case 'deny': {
      const { values, positionals } = parseWords(OPTIONS[name], words);
      return { action: { kind: name, id: only(positionals, 'an id') }, values };
    }
    case 'approve': {
      const { values, positionals } = parseWords(OPTIONS.approve, words);
      const { scope: scopes, until } = values;
      return { action: { kind: name, id: only(positionals, 'the id of a request'), scopes, until: until === undefined ? undefined : readUntil(until) }, values };
    }
    case 'share': {
      const { values, positionals } = parseWords(OPTIONS.share, words);
      return { action: { kind: name, share: readShare(values, positionals) }, values };
    }
  }
}

interface ShareValues {
  readonly with?: string;
  readonly domain?: string;
  readonly anyone?: boolean;
  readonly unidentified?: boolean;
  readonly ask?: boolean;
  readonly acr?: string[];
  readonly until?: string;
}

function readShare(values: ShareValues, [resourceId, ...scopes]: string[]): ShareFlags {
  if (resourceId === undefined || scopes.length === 0) throw new UsageError('This command takes the id of a resource and one or more scopes. Try "uma resources".');
  const { ask, acr, until } = values;
  const conditions = { ...(acr === undefined ? {} : { acr_values: acr }), ...(ask === true ? { ask } : {}) };
  return {
    resourceId,
    scopes,
    grantee: readGrantee(values),
    until: until === undefined ? undefined : readUntil(until),
    conditions: Object.keys(conditions).length === 0 ? undefined : conditions,
  };
}

function readGrantee(values: ShareValues): Grantee {
  excludeEachOther(values, ['with', 'domain', 'anyone']);
  const { with: email, domain, anyone, unidentified } = values;
  if (unidentified === true && anyone !== true) throw new UsageError('--unidentified goes with --anyone.');
  if (email !== undefined) return { email };
  if (domain !== undefined) return { domain };
  if (anyone !== true) throw new UsageError('With whom? Say it with --with EMAIL, --domain DOMAIN or --anyone.');
  return { anyone, ...(unidentified === true ? { unidentified } : {}) };
}
