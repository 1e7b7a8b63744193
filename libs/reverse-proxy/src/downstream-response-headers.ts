import { connectionNames, HOP_BY_HOP, normalisedName } from './header-names.ts';
import { rememberedByName } from './remembered-by-name.ts';

export interface DownstreamHeaderRules {
  readonly status: number;
  /** Whether the answer was given to a checked token; it then belongs to one requesting party. */
  readonly authorized: boolean;
}

// A client would mistake a challenge of the upstream for one of ours, and take its ticket or nonce elsewhere [A87].
const OUR_CHALLENGE = /(?:^|,)\s*(?:uma|bearer|dpop)\s*(?:[\s,=]|$)/i;
// Alt-Svc would lead the client around the gateway.
const DROPPED = new Set(['dpop-nonce', 'alt-svc']);
// RFC 9213 and its ancestors: they win over Cache-Control in the caches they address.
const TARGETED_CACHE_CONTROL = /(?:^|-)cdn-cache-control$|^surrogate-control$/;
const FOR_SHARED_CACHES = new Set(['public', 's-maxage', 'proxy-revalidate']);
const OUR_VARY = ['Authorization', 'DPoP'];
const OUR_VARY_ALONE = OUR_VARY.join(', ');

interface Fate {
  /** The normalised name. */
  readonly folded: string;
  readonly kind: 'end-to-end' | 'dropped' | 'targeted-cache-control';
}

const fateOf = rememberedByName((name): Fate => {
  const folded = normalisedName(name);
  if (HOP_BY_HOP.has(folded) || DROPPED.has(folded)) return { folded, kind: 'dropped' };
  return { folded, kind: TARGETED_CACHE_CONTROL.test(folded) ? 'targeted-cache-control' : 'end-to-end' };
});

/**
 * Builds the header section for the client from the upstream's: without hop-by-hop fields and what `Connection` names,
 * without challenges of our own schemes, with `Vary: Authorization, DPoP` [A90].
 *
 * @param rawHeaders the upstream's fields, alternating names and values
 * @param rules status of the answer, and whether it is an authorized one: then `Cache-Control` is made `private`
 *   unless it is `no-store`
 * @returns alternating names and values; it does not rewrite `Location` or `Set-Cookie`
 */
export function downstreamResponseHeaders(rawHeaders: readonly string[], rules: DownstreamHeaderRules): string[] {
  const named = connectionNames(rawHeaders);
  const vary: string[] = [];
  const cacheControl: string[] = [];
  const result: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    const { folded, kind } = fateOf(name);
    if (kind === 'dropped' || named.has(folded)) continue;
    if (folded === 'www-authenticate' && OUR_CHALLENGE.test(value)) continue;
    // RFC 9110 8.6: "A server MUST NOT send a Content-Length header field in any response with a status code of … 204".
    if (folded === 'content-length' && rules.status === 204) continue;
    if (rules.authorized && kind === 'targeted-cache-control') continue;
    if (folded === 'vary') vary.push(...listItems(value));
    else if (folded === 'cache-control' && rules.authorized) cacheControl.push(...listItems(value));
    else result.push(name, value);
  }
  result.push('Vary', mergedVary(vary));
  if (rules.authorized) result.push('Cache-Control', privateCacheControl(cacheControl));
  return result;
}

function mergedVary(fields: readonly string[]): string {
  if (fields.length === 0) return OUR_VARY_ALONE;
  if (fields.includes('*')) return '*';
  const known = new Set(fields.map((field) => field.toLowerCase()));
  return [...fields, ...OUR_VARY.filter((field) => !known.has(field.toLowerCase()))].join(', ');
}

/**
 * RFC 9111 3.5 lets a shared cache store the answer to a request with `Authorization` when it says `public`,
 * `s-maxage` or `must-revalidate`. The upstream never saw that field: to it the request looked anonymous, and what it
 * calls public is one person's. `private` forbids storing in every case.
 */
function privateCacheControl(directives: readonly string[]): string {
  const kept = directives.filter((directive) => !FOR_SHARED_CACHES.has(directiveName(directive)));
  if (kept.some((directive) => ['private', 'no-store'].includes(directive.toLowerCase()))) return kept.join(', ');
  // private="field" restricts that field only, so it does not count.
  return ['private', ...kept.filter((directive) => directiveName(directive) !== 'private')].join(', ');
}

function directiveName(directive: string): string {
  return (directive.split('=')[0] ?? '').trim().toLowerCase();
}

/** The members of a comma-separated list (RFC 9110 5.6.1); commas inside quoted strings do not separate. */
function listItems(value: string): string[] {
  if (!value.includes(',') && !value.includes('"')) return value.trim() === '' ? [] : [value.trim()];
  const items = value.match(/(?:"(?:[^"\\]|\\.)*"?|[^",])+/g) ?? [];
  return items.map((item) => item.trim()).filter((item) => item !== '');
}
