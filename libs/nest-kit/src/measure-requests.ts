import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refusalNoted, routeOf } from './request-log.ts';
import type { RequestMetrics } from './request-metrics.ts';

/** Has each request measured, those included whose client left before the answer was complete. */
export function registerRequestMetrics(fastify: FastifyInstance, metrics: RequestMetrics): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    metrics.started();
    // `onResponse` does not come when the client leaves.
    reply.raw.on('close', () => measureEnd(metrics, request, reply, reply.raw.writableFinished));
    done();
  });
}

/** Has a request measured that never reached the hooks. */
export function measureRequest(metrics: RequestMetrics, request: FastifyRequest, reply: FastifyReply): void {
  metrics.started();
  measureEnd(metrics, request, reply, true);
}

function measureEnd(metrics: RequestMetrics, request: FastifyRequest, reply: FastifyReply, complete: boolean): void {
  const refusal = refusalNoted(request);
  if (refusal !== undefined) metrics.refused(refusal.reason, refusal.error);
  metrics.finished({ method: request.method, route: routeOf(request), status: complete ? reply.statusCode : 'aborted', seconds: reply.elapsedTime / 1e3 });
}
