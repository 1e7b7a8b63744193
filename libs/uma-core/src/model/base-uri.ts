/**
 * Whether `uri` lies at or below `baseUri` (protocol.md 1.9; A2).
 * Both must be spelled the one way that the URL parser writes them: no user information, no fragment, no query, no dot segments
 * (raw or encoded), no encoded slash or backslash; scheme, host and port are equal, and the path continues at a segment boundary.
 */
export function isWithinBaseUri(uri: string, baseUri: string): boolean {
  const url = parseCanonical(uri);
  const base = parseCanonical(baseUri);
  if (url === undefined || base === undefined || url.origin !== base.origin) return false;
  const prefix = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  return url.pathname === base.pathname || url.pathname.startsWith(prefix);
}

/** Whether two absolute URIs name the same place: equal, or equal but for the slash of an empty path (RFC 3986 6.2.3). */
export function isSameUri(left: string, right: string): boolean {
  const strip = (text: string): string => (/^[a-z]+:\/\/[^/?#]+\/$/.test(text) ? text.slice(0, -1) : text);
  return strip(left) === strip(right);
}

function parseCanonical(text: string): URL | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  if (!['https:', 'http:'].includes(url.protocol) || url.username !== '' || url.password !== '') return undefined;
  if (/[?#\\\s]|%2f|%5c|%2e|%00/i.test(text)) return undefined;
  return url.href === text || url.href === `${text}/` ? url : undefined;
}
