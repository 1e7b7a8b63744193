import type { OutgoingRequest } from './outgoing-request.ts';

/** Credentials of the caller that never go to another origin (Fetch Standard 4.4 drops `Authorization`; cookies are by origin). */
const CREDENTIAL_HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'dpop', 'host'];
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Where a redirect leads that was answered to a request with an RPT (RFC 9110 15.4).
 * @returns the next request, without credentials when it goes to another origin; undefined when the response is no redirect,
 *   when the caller follows none, when it leads to another scheme than http(s) or from https to http, or when the body would have to be sent again
 */
export function followRedirect(request: OutgoingRequest, response: Response): OutgoingRequest | undefined {
  const location = response.headers.get('location');
  if (request.redirect !== 'follow' || !REDIRECTS.has(response.status) || location === null) return undefined;
  if (!URL.canParse(location, request.url.href)) return undefined;
  const url = new URL(location, request.url);
  url.hash = '';
  if (url.protocol !== 'https:' && url.protocol !== request.url.protocol) return undefined;
  const method = nextMethod(request.method, response.status);
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  const headers = new Headers(request.headers);
  if (url.origin !== request.url.origin) for (const name of CREDENTIAL_HEADERS) headers.delete(name);
  for (const name of request.method === method ? [] : ['content-type', 'content-length', 'content-encoding']) headers.delete(name);
  return { ...request, method, url, headers, body: undefined };
}

/** RFC 9110 15.4.2 to 15.4.4: 303 turns everything but HEAD into GET, 301 and 302 turn POST into GET. */
function nextMethod(method: string, status: number): string {
  if (status === 303) return method === 'HEAD' ? 'HEAD' : 'GET';
  return (status === 301 || status === 302) && method === 'POST' ? 'GET' : method;
}
