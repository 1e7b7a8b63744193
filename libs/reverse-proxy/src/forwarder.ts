import type { IncomingMessage, ServerResponse } from 'node:http';
import { Pool } from 'undici';
import type { CanonicalTarget } from './canonical-target.ts';
import { systemClock, type Clock } from './clock.ts';
import { Exchange, type ForwardOutcome } from './exchange.ts';
import { sendContinue } from './expect-continue.ts';
import type { ForwardFailure } from './forward-failure.ts';
import type { InspectedHeaders } from './inspect-raw-headers.ts';
import { methodPolicy } from './method-policy.ts';
import { answerPlainly } from './plain-answer.ts';
import { RequestBody } from './request-body.ts';
import { upstreamRequestHeaders, type UpstreamHeaderRules } from './upstream-request-headers.ts';

export interface Upstream {
  /** `http://host[:port]` or `https://host[:port]`, nothing behind it. */
  readonly origin: string;
  /** PEM certificates to trust instead of the public ones. There is no setting that turns verification off. */
  readonly ca?: string | readonly string[];
}

export interface ForwarderOptions {
  /** All upstreams there will ever be, by name. A request can select none of its own [A91]. */
  readonly upstreams: Readonly<Record<string, Upstream>>;
  /** Our name in `Via`. */
  readonly viaPseudonym?: string;
  /** Connections per upstream; further requests queue. */
  readonly maxConnections?: number;
  /** Time to connect, TLS included, in milliseconds. */
  readonly connectTimeoutMs?: number;
  /** Time to wait for a connection of the pool, connecting included, in milliseconds. */
  readonly queueTimeoutMs?: number;
  /** Time from the end of the request to the end of the response head, in milliseconds; 0 for no limit. */
  readonly headersTimeoutMs?: number;
  /** Time between two pieces of the response body, in milliseconds; 0 for no limit. */
  readonly bodyTimeoutMs?: number;
  /** Time a client may stop reading an answer or sending a body, in milliseconds. */
  readonly clientStallTimeoutMs?: number;
  /** Time an idle upstream connection is kept, in milliseconds. */
  readonly keepAliveTimeoutMs?: number;
  /** Size of a response head, in octets. */
  readonly maxResponseHeaderBytes?: number;
  readonly clock?: Clock;
  /** Writes the answer when the upstream gave none; the default is a constant JSON body with the reason. */
  readonly answerFailure?: (response: ServerResponse, failure: ForwardFailure) => void;
}

export interface ForwardOptions extends Omit<UpstreamHeaderRules, 'viaPseudonym'> {
  /** A name in `ForwarderOptions.upstreams`. */
  readonly upstream: string;
  /** What was decided on; exactly this is sent. */
  readonly target: CanonicalTarget;
  readonly headers: InspectedHeaders;
  /** Whether a token was checked for this request; then the answer is made private to caches. */
  readonly authorized: boolean;
  /** Ends the exchange, stream or not, at this time: the RPT's `exp`, in milliseconds since 1970 [A93]. */
  readonly deadlineEpochMs?: number;
  /** Override for this request, for event streams; milliseconds, 0 for no limit. */
  readonly bodyTimeoutMs?: number;
}

export interface Forwarder {
  /**
   * Sends the request upstream and its answer back, both as streams: nothing is parsed, decompressed, retried or
   * redirected, and trailers are dropped. It always answers, or destroys the client's connection.
   * It decides nothing: whoever calls it has authorized the request.
   *
   * @returns how it ended; it rejects only for a caller's mistake (unknown upstream, method that `methodPolicy` refuses)
   *   and for an identity text that no header can carry (RequestRefusal), and then has not answered
   */
  forward(request: IncomingMessage, response: ServerResponse, options: ForwardOptions): Promise<ForwardOutcome>;
  /** Lets running exchanges finish and closes all upstream connections. */
  close(): Promise<void>;
  /** Breaks running exchanges off and closes all upstream connections. */
  destroy(): Promise<void>;
}

/**
 * Makes a forwarder with one connection pool per upstream. TLS certificates are verified, HTTP/1.1 only.
 *
 * @param options upstreams and limits
 * @returns the forwarder
 * @throws Error (configuration) for an origin that is not just scheme and authority
 */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const pools = new Map(Object.entries(options.upstreams).map(([name, upstream]) => [name, createPool(name, upstream, options)]));
  const all = [...pools.values()];
  return {
    forward: (request, response, forwardOptions) => {
      try {
        const pool = pools.get(forwardOptions.upstream);
        if (pool === undefined) throw new Error(`no upstream is called ${JSON.stringify(forwardOptions.upstream)}`);
        return forwardOnce(pool, options, request, response, forwardOptions);
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      }
    },
    close: async () => void (await Promise.all(all.map((pool) => pool.close()))),
    destroy: async () => void (await Promise.all(all.map((pool) => pool.destroy()))),
  };
}

function createPool(name: string, upstream: Upstream, options: ForwarderOptions): Pool {
  const url = new URL(upstream.origin);
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || upstream.origin.replace(/\/$/, '') !== url.origin) {
    throw new Error(`upstream ${JSON.stringify(name)}: the origin is not http(s)://host[:port]`);
  }
  return new Pool(url.origin, {
    connections: options.maxConnections ?? 128,
    connectTimeout: options.connectTimeoutMs ?? 3_000,
    headersTimeout: options.headersTimeoutMs ?? 30_000,
    bodyTimeout: options.bodyTimeoutMs ?? 60_000,
    keepAliveTimeout: options.keepAliveTimeoutMs ?? 4_000,
    maxHeaderSize: options.maxResponseHeaderBytes ?? 32_768,
    // More than one request on a connection would mix the fates of two clients.
    pipelining: 1,
    allowH2: false,
    useMilo: false,
    // Set, not left to the default: NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default [M3].
    connect: { rejectUnauthorized: true, ...(upstream.ca === undefined ? {} : { ca: [upstream.ca].flat() }) },
  });
}

function forwardOnce(
  pool: Pool,
  settings: ForwarderOptions,
  request: IncomingMessage,
  response: ServerResponse,
  options: ForwardOptions,
): Promise<ForwardOutcome> {
  const verdict = methodPolicy(request.method ?? '');
  if (!verdict.accepted) throw new Error('a method that methodPolicy refuses reached the forwarder');
  const headers = upstreamRequestHeaders(options.headers, { ...options, viaPseudonym: settings.viaPseudonym ?? 'uma-gateway' });
  if (response.destroyed || request.socket.destroyed) return Promise.resolve({ kind: 'client-aborted' });

  const clock = settings.clock ?? systemClock;
  const clientStallTimeoutMs = settings.clientStallTimeoutMs ?? 30_000;
  const exchange = new Exchange(request, response, {
    authorized: options.authorized,
    clock,
    queueTimeoutMs: settings.queueTimeoutMs ?? 5_000,
    clientStallTimeoutMs,
    deadlineEpochMs: options.deadlineEpochMs,
    answerFailure: settings.answerFailure ?? answerWithReason,
  });
  if (exchange.ended) return exchange.outcome;

  const body = options.headers.framing === 'none' ? null : bodyOf(request, response, exchange, (action) => clock.after(clientStallTimeoutMs, action));
  pool.dispatch(
    {
      path: options.target.target,
      method: verdict.method,
      headers,
      body,
      ...(options.bodyTimeoutMs === undefined ? {} : { bodyTimeout: options.bodyTimeoutMs }),
    },
    exchange,
  );
  exchange.dispatched();
  return exchange.outcome;
}

function bodyOf(
  request: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
  afterStallTimeout: (action: () => void) => () => void,
): RequestBody {
  const body = new RequestBody(request, {
    onWanted: () => sendContinue(request, response),
    onAbort: () => exchange.abandon(),
    onStall: () => exchange.fail('client_stalled'),
    afterStallTimeout,
  });
  exchange.onEnd(() => body.destroy());
  return body;
}

function answerWithReason(response: ServerResponse, failure: ForwardFailure): void {
  // 408 says that the rest of the request will not be read (RFC 9110 15.5.9).
  answerPlainly(response, { status: failure.status, error: failure.reason, close: failure.status === 408 });
}
