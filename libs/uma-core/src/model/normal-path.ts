/**
 * A URL path in the normal form of RFC 3986 6.2.2.1 and 6.2.2.2: upper-case escapes, and none of them for an unreserved character.
 * Dot segments are the URL parser's; a path that comes from it has none.
 */
export function normalPath(path: string): string {
  return path.replace(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : escape.toUpperCase();
  });
}
