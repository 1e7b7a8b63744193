import type { IncomingMessage, ServerResponse } from 'node:http';

const waiting = new WeakMap<IncomingMessage, boolean>();

/**
 * Holds back the `100 Continue` that Node would send by itself: the client keeps its body until someone has decided
 * that it may be sent [A89]. For a server's `checkContinue` event; `hardenServer` does it.
 * Should the answer come without a body having been asked for, the connection ends with it, because RFC 9110 10.1.1
 * lets such a client drop its body, and its next request would be read as that body.
 *
 * @param request the request with `Expect: 100-continue`
 * @param response its response
 */
export function deferContinue(request: IncomingMessage, response: ServerResponse): void {
  waiting.set(request, response.shouldKeepAlive);
  response.shouldKeepAlive = false;
}

/**
 * Asks for a body that {@link deferContinue} held back; does nothing for any other request, and nothing twice.
 *
 * @param request the authorized request
 * @param response its response, not yet begun
 */
export function sendContinue(request: IncomingMessage, response: ServerResponse): void {
  const shouldKeepAlive = waiting.get(request);
  if (shouldKeepAlive === undefined) return;
  waiting.delete(request);
  if (response.headersSent) return;
  response.shouldKeepAlive = shouldKeepAlive;
  response.writeContinue();
}
