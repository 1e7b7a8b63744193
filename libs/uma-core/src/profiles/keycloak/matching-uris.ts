import { isWithinBaseUri } from '../../model/base-uri.ts';
import { normalPath } from '../../model/normal-path.ts';
import { toAbsoluteUri } from './keycloak-resource-set.ts';

/** Deeper paths match nothing: each segment costs a candidate. */
const MAX_SEGMENTS = 32;

/**
 * The registered URIs that stand for a requested one, the most specific first: the URI itself and, with `wildcards`, every `…/*` above it.
 * A URI that is not spelled the one way of the URL parser, or lies outside the resource server's base URIs, stands for nothing: a trailing
 * slash, a matrix parameter or an escape must not lead to a laxer resource (Keycloak CVE-2026-15573; A79).
 * @param uri as the client sends it: absolute, or a path at any of the base URIs' origins
 * @param baseUris of the resource server
 */
export function matchingUris(uri: string, baseUris: readonly string[], wildcards: boolean): readonly string[] {
  const candidates = baseUris.flatMap((baseUri) => {
    const absolute = toAbsoluteUri(uri, baseUri);
    return isCanonical(absolute) && isWithinBaseUri(absolute, baseUri) ? [absolute] : [];
  });
  return [...new Set(wildcards ? candidates.flatMap(withWildcards) : candidates)];
}

function isCanonical(uri: string): boolean {
  if (!URL.canParse(uri)) return false;
  const { pathname } = new URL(uri);
  return normalPath(pathname) === pathname && !/[;*{}]|\/\/|.\/$/.test(pathname);
}

function withWildcards(uri: string): readonly string[] {
  const { origin, pathname } = new URL(uri);
  const segments = pathname.split('/').slice(1);
  if (segments.length > MAX_SEGMENTS) return [];
  return [uri, ...segments.map((_, depth) => `${origin}/${[...segments.slice(0, segments.length - 1 - depth), '*'].join('/')}`)];
}
