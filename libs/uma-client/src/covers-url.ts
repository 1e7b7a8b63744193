import { normalPath } from '@uma-federation/uma-core';

/**
 * Whether a resource identifier is the URL or, as one of the registered prefixes, covers it (protocol.md 1.9 duty i).
 * Scheme, host and port are equal; paths are compared in the normal form of RFC 3986 6.2.2, so that `%7E` equals `~`.
 * An identifier without a query matches whatever the URL's query is: a gateway names resources by path. With a query it must be the same one.
 * @param identifier an absolute URI, for example `aud` of a resource claims token
 * @param url the URL that was requested
 * @param prefixes identifiers that cover everything below them, segment by segment
 */
export function identifiesUrl(identifier: string, url: URL, prefixes: readonly string[] = []): boolean {
  const named = readIdentifier(identifier);
  if (named === undefined || named.origin !== url.origin) return false;
  if (normalPath(named.pathname) === normalPath(url.pathname)) return named.search === '' || named.search === url.search;
  return prefixes.includes(identifier) && coversUrl(identifier, url);
}

/**
 * Whether a URL lies at or below a resource identifier of RFC 9728: same origin, and the identifier's path is a prefix of whole segments.
 * @param identifier an absolute URI without query and fragment
 */
export function coversUrl(identifier: string, url: URL): boolean {
  const named = readIdentifier(identifier);
  if (named === undefined || named.origin !== url.origin || named.search !== '') return false;
  const base = normalPath(named.pathname);
  const path = normalPath(url.pathname);
  return path === base || path.startsWith(base.endsWith('/') ? base : `${base}/`);
}

function readIdentifier(text: string): URL | undefined {
  if (text.includes('#') || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isHttp = url.protocol === 'https:' || url.protocol === 'http:';
  return isHttp && url.username === '' && url.password === '' ? url : undefined;
}
