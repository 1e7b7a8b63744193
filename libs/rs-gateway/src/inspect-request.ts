import { canonicalTarget, inspectRawHeaders, methodPolicy, RequestRefusal, type CanonicalTarget, type InspectedHeaders } from '@uma-federation/reverse-proxy';
import type { IncomingMessage } from 'node:http';

/** A request that has one reading. */
export interface InspectedRequest {
  readonly kind: 'inspected';
  readonly method: string;
  readonly headers: InspectedHeaders;
  readonly target: CanonicalTarget;
}

/** A request that is refused because of its form. */
export interface RefusedRequest {
  readonly kind: 'refused';
  readonly status: number;
  /** A stable id. */
  readonly reason: string;
  /** The value of `Allow`, for 405 and 501. */
  readonly allow?: string | undefined;
}

/**
 * Reads method, headers and target of a request once, before anything is decided about it (A79, A82, A85, A86).
 * @param hosts the `Host` values, in lower case, that are the gateway's own
 */
export function inspectRequest(request: IncomingMessage, hosts: readonly string[]): InspectedRequest | RefusedRequest {
  const verdict = methodPolicy(request.method ?? '');
  if (!verdict.accepted) return { kind: 'refused', status: verdict.status, reason: verdict.reason, allow: verdict.allow };
  try {
    const headers = inspectRawHeaders(request.rawHeaders, { httpVersion: request.httpVersion, method: verdict.method });
    // RFC 9110 15.5.20: not a host that this server answers for.
    if (!hosts.includes(headers.host ?? '')) return { kind: 'refused', status: 421, reason: 'misdirected_request' };
    return { kind: 'inspected', method: verdict.method, headers, target: canonicalTarget(request.url ?? '') };
  } catch (error) {
    if (!(error instanceof RequestRefusal)) throw error;
    return { kind: 'refused', status: error.status, reason: error.reason };
  }
}

/** The `Host` values under which an origin is addressed, in lower case: with and without the default port. */
export function hostsOf(origin: string): readonly string[] {
  const { host, hostname, port, protocol } = new URL(origin);
  return port === '' ? [host, `${hostname}:${protocol === 'https:' ? 443 : 80}`] : [host];
}
