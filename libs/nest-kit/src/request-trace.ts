import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { newSpanId, newTrace, parseTraceparent, serialiseTraceparent, type TraceContext } from './trace-context.ts';

/** Header in which a place in a trace travels. */
export const TRACEPARENT_HEADER = 'traceparent';

/** The ids of the request at hand, as log lines have them. */
export interface RequestIds {
  readonly requestId: string;
  readonly traceId: string;
}

/** What belongs together: a request, the lines it causes, and the calls it makes inside the domain. */
class RequestTrace implements RequestIds {
  readonly requestId: string;
  readonly #context: TraceContext;
  #traceparent: string | undefined;

  constructor(requestId: string, context: TraceContext) {
    this.requestId = requestId;
    this.#context = context;
  }

  get traceId(): string {
    return this.#context.traceId;
  }

  /** With a span id of this service's own, the same for all calls of the request. */
  get traceparent(): string {
    return (this.#traceparent ??= serialiseTraceparent(this.#context, newSpanId()));
  }
}

const TRACE = Symbol('RequestTrace');
type Traced = FastifyRequest & { [TRACE]?: RequestTrace | null };
const atHand = new AsyncLocalStorage<RequestTrace>();

/** Gives each request a trace, and makes its ids known to whatever runs on its behalf. */
export function registerTraces(fastify: FastifyInstance): void {
  fastify.decorateRequest(TRACE, null);
  // After the body was read: what reads it runs on behalf of the connection, which has many requests.
  fastify.addHook('preValidation', (request, _reply, done) => atHand.run(traceOf(request), done));
}

/** The ids of a request. */
export function requestIds(request: FastifyRequest): RequestIds {
  const { requestId, traceId } = traceOf(request);
  return { requestId, traceId };
}

/**
 * `traceparent` for calls that a request causes, inside the domain only: a trace id that reached others would tell them which requests
 * belong together.
 */
export function traceparentOf(request: FastifyRequest): string {
  return traceOf(request).traceparent;
}

/** The same for the request at hand; undefined when nothing is done on behalf of a request. */
export function currentTraceparent(): string | undefined {
  return atHand.getStore()?.traceparent;
}

/** The ids of the request at hand; nothing when there is none. A new object each time. */
export function currentRequestIds(): Partial<RequestIds> {
  const trace = atHand.getStore();
  return trace === undefined ? {} : { requestId: trace.requestId, traceId: trace.traceId };
}

/**
 * Does something on behalf of a request that did not come over HTTP, from the bus of the domain for example.
 * @param caller what the caller said of itself; a `traceparent` that is missing or invalid begins a new trace
 * @returns what the action returns
 */
export function onBehalfOf<Result>(caller: { readonly requestId: string; readonly traceparent?: string | undefined }, action: () => Result): Result {
  return atHand.run(new RequestTrace(caller.requestId, parseTraceparent(caller.traceparent ?? '') ?? newTrace()), action);
}

/**
 * A `traceparent` counts when it comes from a proxy whose `X-Forwarded-For` counts (`server.trustedProxies`), so that a trace runs from the
 * front through all services. Everybody else begins a new trace: the trace id is what operators look for, and a client that chose it could
 * mix its requests with those of others, or have them recorded at will. Clients name their requests by `X-Request-Id`. A trusted proxy has
 * to make or drop the header itself, as it does with `X-Forwarded-For`.
 */
function traceOf(request: Traced): RequestTrace {
  return (request[TRACE] ??= new RequestTrace(request.id, receivedTrace(request) ?? newTrace()));
}

function receivedTrace(request: FastifyRequest): TraceContext | undefined {
  const sent = request.headers[TRACEPARENT_HEADER];
  // Addresses after the first one are those that a trusted peer has told.
  return typeof sent === 'string' && (request.ips?.length ?? 0) > 1 ? parseTraceparent(sent) : undefined;
}
