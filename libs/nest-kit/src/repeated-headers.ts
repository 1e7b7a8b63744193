import { invalidDpopProof, invalidRequest, type ProtocolError } from '@uma-federation/uma-core';
import type { IncomingMessage } from 'node:http';

/** Headers that a request carries once: Node would keep the first of several, or join them (security.md M5). */
export const SINGLE_HEADERS: readonly string[] = ['host', 'authorization', 'content-type', 'dpop'];

/**
 * Looks for headers that came more than once.
 * @param names lower-case header names
 * @returns the refusal for the first such header (RFC 9449 4.3 check 1 names the error for DPoP), or undefined
 */
export function repeatedHeader(request: Pick<IncomingMessage, 'rawHeaders'>, names: readonly string[] = SINGLE_HEADERS): ProtocolError | undefined {
  const repeated = names.find((name) => countHeader(request, name) > 1);
  if (repeated === undefined) return undefined;
  return repeated === 'dpop' ? invalidDpopProof('dpop_header_repeated') : invalidRequest('header_repeated', repeated);
}

/** How many header lines of this name (lower case) came. */
export function countHeader(request: Pick<IncomingMessage, 'rawHeaders'>, name: string): number {
  return request.rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length;
}
