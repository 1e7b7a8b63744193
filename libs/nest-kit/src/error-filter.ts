import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { toWire } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from './logger.ts';
import { refusalOf } from './refusal-of.ts';
import { noteRefusal } from './request-log.ts';
import { requestIds } from './request-trace.ts';
import type { RouteTable } from './route-table.ts';

/**
 * Answers every error of Nest and of Fastify through the one mapping of uma-core (`toWire`).
 * A refusal becomes part of the request's log line (reason, error, detail); a fault is logged with its stack and answered with an opaque 500.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger: Logger;
  readonly #routes: RouteTable;

  constructor(dependencies: { readonly logger: Logger; readonly routes: RouteTable }) {
    this.#logger = dependencies.logger;
    this.#routes = dependencies.routes;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Answers an error; a response that has begun is cut off, so that nobody takes a part for the whole. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const refusal = refusalOf(error, request.is404 ? this.#routes.methodsAt(request.raw.url ?? '') : []);
    if (refusal === undefined) this.#logger.error({ ...requestIds(request), err: error }, 'unexpected failure');
    else noteRefusal(request, refusal);
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    const wire = toWire(refusal ?? error, request.id);
    void reply.status(wire.status).headers(wire.headers).type('application/json').send(wire.body);
  }
}
