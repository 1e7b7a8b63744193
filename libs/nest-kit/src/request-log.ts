import type { ProtocolError } from '@uma-federation/uma-core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from './logger.ts';
import { requestIds } from './request-trace.ts';

const refusals = new WeakMap<object, ProtocolError>();
const ROUTE = Symbol('route template');
type Routed = FastifyRequest & { [ROUTE]?: string | null };

/** Remembers why a request was refused, for its log line. */
export function noteRefusal(request: FastifyRequest, refusal: ProtocolError): void {
  refusals.set(request.raw, refusal);
}

/**
 * Writes one line per finished request: ids, method, route template (never the path or query), status and duration, and for a refusal
 * its reason, error and detail. Levels: `info`, `warn` for a refusal, `error` from status 500 on; `debug` for health probes.
 */
export function registerRequestLog(fastify: FastifyInstance, logger: Logger): void {
  fastify.decorateRequest(ROUTE, null);
  fastify.addHook('onResponse', (request, reply, done) => {
    logRequest(logger, request, reply);
    done();
  });
}

/** Writes the line of one request; for requests that never reached the hooks. */
export function logRequest(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = refusals.get(request.raw);
  const route = routeOf(request);
  const level = levelOf(route, reply.statusCode, refusal);
  if (!logger.isLevelEnabled(level)) return;
  logger[level](
    {
      ...requestIds(request),
      method: request.method,
      route,
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      ...(refusal === undefined ? {} : { reason: refusal.reason, error: refusal.error, detail: refusal.detail }),
    },
    refusal === undefined ? 'request' : 'request refused',
  );
}

/** The router's template; `none` when no route was found. */
export function routeOf(request: Routed): string {
  // Fastify makes a dozen members anew each time it is asked for `routeOptions`.
  return (request[ROUTE] ??= request.is404 ? 'none' : (request.routeOptions.url ?? 'none'));
}

/** Why a request was refused, if it was. */
export function refusalNoted(request: FastifyRequest): ProtocolError | undefined {
  return refusals.get(request.raw);
}

function levelOf(route: string, status: number, refusal: ProtocolError | undefined): 'debug' | 'info' | 'warn' | 'error' {
  // A probe every few seconds, and 503 is what it is there to say.
  if (route.startsWith('/health/')) return 'debug';
  if (status >= 500) return 'error';
  return refusal === undefined ? 'info' : 'warn';
}
