import { isWithinBaseUri } from '../../model/base-uri.ts';
import { normalPath } from '../../model/normal-path.ts';
import { toAbsoluteUri } from './keycloak-resource-set.ts';

/** Deeper paths match nothing: each segment costs a candidate. */
const MAX_SEGMENTS = 32;

/**
 * The registered URIs ending in a wildcard that stand for a requested URI: every `…/*` above it, the nearest first.
 * A URI that is not spelled the one way of the URL parser, or lies outside the resource server's base URIs, has none: a trailing slash, a
 * matrix parameter or an escape must not lead to a laxer resource (Keycloak CVE-2026-15573; A79).
 * @param uri as the client sends it: absolute, or a path at any of the base URIs' origins
 * @param baseUris of the resource server
 */
export function matchingUris(uri: string, baseUris: readonly string[]): readonly string[] {
  const within = baseUris.flatMap((baseUri) => {
    const absolute = toAbsoluteUri(uri, baseUri);
    return isCanonical(absolute) && isWithinBaseUri(absolute, baseUri) ? [absolute] : [];
  });
  return [...new Set(within)].flatMap(wildcardsAbove);
}

function isCanonical(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { pathname } = new URL(uri);
  return normalPath(pathname) === pathname && !/[;*{}]|\/\/|.\/$/.test(pathname);
}

function wildcardsAbove(uri: string): readonly string[] {
  const { origin, pathname } = new URL(uri);
  const segments = pathname.split('/').slice(1);
  if (segments.length > MAX_SEGMENTS) return [];
  return segments.map((_, depth) => `${origin}/${[...segments.slice(0, segments.length - 1 - depth), '*'].join('/')}`);
}
