/**
 * Where a metadata document is served: inserted before the issuer's path (RFC 8414 3.1) and appended to it
 * (OpenID Connect Discovery 4, UMA Grant 2). For an issuer without a path both are the same (protocol.md C22).
 * @param issuer the issuer identifier
 * @param suffix for example `oauth-authorization-server`
 * @returns one or two paths
 * @throws TypeError for an issuer path with characters that a route cannot have
 */
export function wellKnownPaths(issuer: string, suffix: string): readonly string[] {
  const path = new URL(issuer).pathname.replace(/\/$/, '');
  if (!/^[A-Za-z0-9._~/-]*$/.test(path)) throw new TypeError('The path of the issuer cannot be served');
  return [...new Set([`/.well-known/${suffix}${path}`, `${path}/.well-known/${suffix}`])];
}
