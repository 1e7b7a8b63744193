import type { IncomingMessage, ServerResponse } from 'node:http';

const waiting = new WeakSet<IncomingMessage>();

/**
 * Holds back the `100 Continue` that Node would send by itself: the client keeps its body until someone has decided
 * that it may be sent [A89]. For a server's `checkContinue` event, which then hands the request on like any other;
 * `createHardenedServer` does it. An answer given without asking for the body ends the connection (Node sees to that),
 * because RFC 9110 10.1.1 lets such a client drop its body, and its next request would be read as that body.
 *
 * @param request the request with `Expect: 100-continue`
 */
export function deferContinue(request: IncomingMessage): void {
  waiting.add(request);
}

/**
 * Asks for a body that {@link deferContinue} held back; does nothing for any other request, and nothing twice. The
 * forwarder does it when the upstream connection stands.
 *
 * @param request the authorized request
 * @param response its response
 */
export function sendContinue(request: IncomingMessage, response: ServerResponse): void {
  if (waiting.delete(request) && !response.headersSent) response.writeContinue();
}
