import { request as httpRequest, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { answerPlainly, sendContinue, type InspectedHeaders } from '@uma-federation/reverse-proxy';
import { responseHeaders } from './forwarded-headers.ts';
import type { Replicas } from './replicas.ts';

/** One request and where it goes. */
export interface Forwarding {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly framing: InspectedHeaders['framing'];
  /** What is sent, alternating names and values. */
  readonly headers: readonly string[];
  readonly replicas: Replicas;
  readonly answerTimeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 1_000;
/** RFC 9110 9.2.2: may be sent again when a connection broke before an answer. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

/**
 * Sends a request to one replica and its answer back, both as streams. The next replica is tried while none of the request can have been
 * acted upon: when no connection comes about, or when an idempotent request without a body got no answer. Each request has its own
 * connection: on one that is kept, a replica that stops could take a request with it.
 * @returns the failure that the client was told as 502 or 504, undefined when there was an answer or the client left; never rejects
 */
export async function forward(forwarding: Forwarding): Promise<string | undefined> {
  const { response, replicas } = forwarding;
  const addresses = await replicas.inOrder().catch(() => []);
  for (const address of addresses) {
    const failure = await attempt(forwarding, address);
    if (failure === undefined || response.destroyed) return undefined;
    if (failure.mayRetry) {
      replicas.failed(address);
      continue;
    }
    const status = failure.reason === 'upstream_timeout' ? 504 : 502;
    // A body that was not read to its end makes the connection useless.
    answerPlainly(response, { status, error: failure.reason, close: true });
    return failure.reason;
  }
  answerPlainly(response, { status: 502, error: 'upstream_unreachable', close: true });
  return 'upstream_unreachable';
}

interface Failure {
  readonly reason: 'upstream_reset' | 'upstream_timeout';
  readonly mayRetry: boolean;
}

function attempt({ request, response, framing, headers, replicas, answerTimeoutMs }: Forwarding, host: string): Promise<Failure | undefined> {
  const upstream: ClientRequest = httpRequest({ host, port: replicas.port, method: request.method, path: request.url, headers, agent: false });
  const leave = (): void => void upstream.destroy();
  response.once('close', leave);
  return new Promise<Failure | undefined>((resolve) => {
    let connected = false;
    let timedOut = false;
    const giveUp = (): void => {
      timedOut = connected;
      upstream.destroy(new Error('no answer in time'));
    };
    let timer = setTimeout(giveUp, CONNECT_TIMEOUT_MS);
    const begin = (): void => {
      connected = true;
      clearTimeout(timer);
      timer = setTimeout(giveUp, answerTimeoutMs);
      // Not before there is a connection: what was taken from the client could not be sent to the next replica.
      if (framing === 'none') upstream.end();
      else request.on('data', () => timer.refresh()).pipe(upstream);
    };
    upstream.once('socket', (socket) => socket.once('connect', begin));
    upstream.on('continue', () => sendContinue(request, response));
    upstream.once('response', (answer) => {
      clearTimeout(timer);
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, responseHeaders(answer.rawHeaders));
      // Breaks the client's connection off when the answer ends early, so that a part is not taken for the whole.
      pipeline(answer, response, () => resolve(undefined));
    });
    upstream.on('error', () => {
      clearTimeout(timer);
      request.unpipe(upstream);
      const nothingActedUpon = framing === 'none' && IDEMPOTENT.has(request.method ?? '');
      resolve(response.headersSent ? undefined : { reason: timedOut ? 'upstream_timeout' : 'upstream_reset', mayRetry: !connected || (nothingActedUpon && !timedOut) });
    });
    upstream.flushHeaders();
  }).finally(() => response.off('close', leave));
}
