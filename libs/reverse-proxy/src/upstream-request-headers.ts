import { connectionNames, HOP_BY_HOP, normalisedName } from './header-names.ts';
import { identityValue } from './identity-value.ts';
import type { InspectedHeaders } from './inspect-raw-headers.ts';
import { rememberedByName } from './remembered-by-name.ts';

declare const stripped: unique symbol;

/** Names of fields that no client may send, made by {@link strippedNames}. */
export type StrippedNames = ReadonlySet<string> & { readonly [stripped]: true };

/** What the gateway itself knows about the request; nothing here may come from the client's header fields. */
export interface ForwardedFor {
  /** Address of the TCP peer, as `Socket.remoteAddress` gives it. */
  readonly clientAddress: string | undefined;
  /** Scheme and authority of the gateway's configured external origin [A86]. */
  readonly scheme: 'http' | 'https';
  readonly host: string;
}

export interface UpstreamHeaderRules {
  /** Field names and texts that tell the upstream who asks; values are written by `identityValue`. */
  readonly identity: Readonly<Record<string, string>>;
  readonly forwarded: ForwardedFor;
  /** Our name in `Via` (RFC 9110 7.6.3), a token. */
  readonly viaPseudonym: string;
  /** Lets `Authorization` and `DPoP` through. For upstreams that are trusted with the client's token only. */
  readonly passAuthorization?: boolean;
  /** More fields to strip. */
  readonly strip?: StrippedNames;
}

const CREDENTIALS = new Set(['authorization', 'dpop']);
// Set by us, or by nobody.
const OURS = new Set([
  'host',
  'content-length',
  'forwarded',
  'remote-user',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'client-cert',
  'client-cert-chain',
  'x-host',
  'x-rewrite-url',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
]);
const OUR_FAMILIES = /^(?:x-rqp|x-uma|x-forwarded|x-auth|x-user|x-original|x-remote|x-authenticated|x-webauth|remote|x-client-cert|x-ssl-client|ssl-client)(?:-|$)|^x-user/;
const NO_NAMES = strippedNames([]);
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** What becomes of a client's field: `credentials` go on only to an upstream that is trusted with them. */
interface Fate {
  /** The normalised name. */
  readonly folded: string;
  readonly kind: 'end-to-end' | 'dropped' | 'credentials';
}

const fateOf = rememberedByName((name): Fate => {
  const folded = normalisedName(name);
  if (HOP_BY_HOP.has(folded) || OURS.has(folded)) return { folded, kind: 'dropped' };
  if (CREDENTIALS.has(folded)) return { folded, kind: 'credentials' };
  return { folded, kind: OUR_FAMILIES.test(folded) ? 'dropped' : 'end-to-end' };
});

/** Prepares names to be stripped from requests: every spelling of each, whatever its case and separators. */
export function strippedNames(names: readonly string[]): StrippedNames {
  return new Set(names.map(normalisedName)) as ReadonlySet<string> as StrippedNames;
}

/**
 * Builds the header section for the upstream: first what the client may not send is dropped (hop-by-hop fields, all
 * that `Connection` names, credentials, and every spelling of an identity, forwarding or method-override field
 * [A82, A83, A84, A87]), and only then are our own fields added, so that no `Connection` option can remove them.
 * `Host` is left to the HTTP client, which takes it from the upstream's origin.
 *
 * @param headers the inspected request fields
 * @param rules our own fields and what else to strip
 * @returns alternating names and values
 * @throws RequestRefusal 400 for an identity text that no header field can carry; Error for a bad rule (configuration)
 */
export function upstreamRequestHeaders(headers: InspectedHeaders, rules: UpstreamHeaderRules): string[] {
  const identityNames = Object.keys(rules.identity);
  const identifying = identityNames.map(normalisedName);
  const strip = rules.strip ?? NO_NAMES;
  const named = connectionNames(headers.raw);
  const result: string[] = [];
  for (let index = 0; index < headers.raw.length; index += 2) {
    const name = headers.raw[index] ?? '';
    const { folded, kind } = fateOf(name);
    if (kind === 'dropped' || (kind === 'credentials' && rules.passAuthorization !== true)) continue;
    if (named.has(folded) || strip.has(folded) || identifying.includes(folded)) continue;
    result.push(name, headers.raw[index + 1] ?? '');
  }
  if (headers.contentLength !== undefined) result.push('Content-Length', String(headers.contentLength));
  result.push('Via', `${headers.httpVersion} ${token(rules.viaPseudonym)}`);
  addForwarded(result, rules.forwarded);
  for (const name of identityNames) result.push(token(name), identityValue(rules.identity[name] ?? ''));
  return result;
}

function addForwarded(result: string[], { clientAddress, scheme, host }: ForwardedFor): void {
  const address = clientAddress?.replace(/^::ffff:(?=[0-9.]+$)/, '').replace(/%.*$/, '');
  if (address !== undefined) result.push('X-Forwarded-For', address);
  // RFC 7239 4: a value with ":" is no token and needs quotes.
  const node = address === undefined ? 'unknown' : address.includes(':') ? `"[${address}]"` : address;
  result.push('X-Forwarded-Proto', scheme, 'X-Forwarded-Host', host, 'Forwarded', `for=${node};host="${host}";proto=${scheme}`);
}

function token(text: string): string {
  if (!TOKEN.test(text)) throw new Error(`${JSON.stringify(text)} is not a token (RFC 9110 5.6.2)`);
  return text;
}
