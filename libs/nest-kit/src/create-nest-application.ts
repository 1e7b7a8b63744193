import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { registerBodyParsers, type BodyParsing } from './body-parsers.ts';
import { answerMalformedHttp } from './client-error.ts';
import { ErrorFilter } from './error-filter.ts';
import { healthModule } from './health.ts';
import type { Logger } from './logger.ts';
import { NestLogger } from './nest-logger.ts';
import { measureRequest, registerRequestMetrics } from './measure-requests.ts';
import type { ServiceMetrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import { repeatedHeader, SINGLE_HEADERS } from './repeated-headers.ts';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.ts';
import { logRequest, registerRequestLog } from './request-log.ts';
import { registerTraces } from './request-trace.ts';
import { RouteTable } from './route-table.ts';

/** How an application behaves on HTTP. */
export interface NestApplicationOptions {
  readonly logger: Logger;
  /** Answers `/health/ready`; while it drains, every answer closes its connection. */
  readonly readiness: Readiness;
  /** A request must have arrived completely within this time (security.md M8: Fastify's default is no limit). */
  readonly requestTimeoutMs: number;
  /** Default 64 KiB. */
  readonly bodyLimitBytes?: number | undefined;
  /** Addresses or CIDR ranges of proxies whose `X-Forwarded-For` is believed. There is no way to believe everybody. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Default `strict`; a proxy takes `stream`. */
  readonly bodyParsing?: BodyParsing | undefined;
  /** Media types besides `application/json` that are read as JSON. */
  readonly jsonMediaTypes?: readonly string[] | undefined;
  /** Lower-case names of headers that may come once (M5). */
  readonly singleHeaders?: readonly string[] | undefined;
  /** Where requests are measured; `withMetrics` opens and closes their port. */
  readonly metrics?: ServiceMetrics | undefined;
}

const DEFAULT_BODY_LIMIT_BYTES = 64 * 1024;
const MAX_HEADERS_TIMEOUT_MS = 10_000;
const TIMEOUT_CHECK_INTERVAL_MS = 5_000;
const MAX_REQUESTS_PER_SOCKET = 100_000;

@Module({})
class ApplicationModule {}

/**
 * Builds a Nest application on Fastify with the house's rules: strict bodies, one error format, 405 for known paths, security headers,
 * request ids, one log line per request, health endpoints, time limits. Errors thrown while building reject the promise.
 * @param module the feature's root module
 * @returns the application, initialised but not listening; `application.inject` works already
 */
export async function createNestApplication(module: Type<unknown> | DynamicModule, options: NestApplicationOptions): Promise<NestFastifyApplication> {
  const routes = new RouteTable();
  const filter = new ErrorFilter({ logger: options.logger, routes });
  const adapter = createAdapter(options, filter);
  const fastify: FastifyInstance = adapter.getInstance();
  fastify.addHook('onRoute', ({ url, method }) => routes.add(url, method));
  registerBodyParsers(fastify, options.bodyParsing ?? 'strict', options.jsonMediaTypes);
  const measured = options.metrics?.requests;
  if (measured !== undefined) registerRequestMetrics(fastify, measured);
  registerTraces(fastify);
  registerHeaderRules(fastify, options);
  registerRequestLog(fastify, options.logger);

  const root: DynamicModule = { module: ApplicationModule, imports: [module, healthModule(options.readiness)] };
  const application = await NestFactory.create<NestFastifyApplication>(root, adapter, {
    logger: new NestLogger(options.logger),
    bodyParser: false,
    abortOnError: false,
  });
  application.useGlobalFilters(filter);
  await application.init();
  await fastify.ready();
  return application;
}

function createAdapter(options: NestApplicationOptions, filter: ErrorFilter): FastifyAdapter {
  const { requestTimeoutMs, trustedProxies = [] } = options;
  if (!(requestTimeoutMs > 0)) throw new RangeError('requestTimeoutMs must be positive');
  return new FastifyAdapter({
    logger: false,
    skipMiddie: true,
    bodyLimit: options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES,
    requestTimeout: requestTimeoutMs,
    maxRequestsPerSocket: MAX_REQUESTS_PER_SOCKET,
    // Node checks its time limits every 30 s unless told otherwise.
    http: { headersTimeout: Math.min(requestTimeoutMs, MAX_HEADERS_TIMEOUT_MS), connectionsCheckingInterval: Math.min(requestTimeoutMs, TIMEOUT_CHECK_INTERVAL_MS) },
    forceCloseConnections: 'idle',
    // Requests that come in on open connections while closing are finished, not refused.
    return503OnClosing: false,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    routerOptions: { maxParamLength: 512 },
    genReqId: requestIdOf,
    clientErrorHandler: (error, socket) => {
      if (answerMalformedHttp(error, socket, options.logger)) options.metrics?.requests?.refused('malformed_http', 'invalid_request');
    },
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      // The router refuses such a target before any hook runs.
      filter.answer(error, request, reply);
      logRequest(options.logger, request, reply);
      if (options.metrics?.requests !== undefined) measureRequest(options.metrics.requests, request, reply);
    },
  });
}

function registerHeaderRules(fastify: FastifyInstance, options: NestApplicationOptions): void {
  const singleHeaders = options.singleHeaders ?? SINGLE_HEADERS;
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers({ [REQUEST_ID_HEADER]: request.id, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    if (options.readiness.draining) void reply.header('connection', 'close');
    done(repeatedHeader(request.raw, singleHeaders));
  });
}
