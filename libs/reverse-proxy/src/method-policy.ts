/** Whether a method may be routed, and under which name its routes are looked up. */
export type MethodVerdict =
  | { readonly accepted: true; readonly method: string; readonly routeMethod: string }
  | { readonly accepted: false; readonly status: 405 | 501; readonly reason: string; readonly allow: string };

const ACCEPTED = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const ALLOW = ACCEPTED.join(', ');
const ACCEPTANCE = new Map(ACCEPTED.map((method): [string, MethodVerdict] => [method, { accepted: true, method, routeMethod: method === 'HEAD' ? 'GET' : method }]));

/**
 * Decides about a request method before any route is looked at [A82].
 *
 * @param method the method as it stood on the request line; RFC 9110 9.1: methods are case sensitive
 * @returns accepted, with HEAD routed as GET (it needs GET's scope); or 405 with `Allow` for TRACE and CONNECT, which
 *   are understood and never allowed; or 501 for every other method (RFC 9110 9.1: "unrecognized or not implemented")
 */
export function methodPolicy(method: string): MethodVerdict {
  const acceptance = ACCEPTANCE.get(method);
  if (acceptance !== undefined) return acceptance;
  if (method === 'TRACE' || method === 'CONNECT') return { accepted: false, status: 405, reason: 'method_not_allowed', allow: ALLOW };
  return { accepted: false, status: 501, reason: 'method_not_implemented', allow: ALLOW };
}
