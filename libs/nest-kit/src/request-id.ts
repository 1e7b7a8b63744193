import type { IncomingMessage } from 'node:http';

/** Header in which a request id comes in and goes out. */
export const REQUEST_ID_HEADER = 'x-request-id';

const ACCEPTABLE = /^[A-Za-z0-9_-]{1,64}$/;

/** The id of a request: `X-Request-Id` when it is 1 to 64 characters of `A-Za-z0-9_-`, else a fresh UUID. */
export function requestIdOf(request: Pick<IncomingMessage, 'headers'>): string {
  const sent = request.headers[REQUEST_ID_HEADER];
  return typeof sent === 'string' && ACCEPTABLE.test(sent) ? sent : crypto.randomUUID();
}
