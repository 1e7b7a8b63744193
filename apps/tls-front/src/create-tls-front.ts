import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { createMetrics, newSpanId, newTrace, Readiness, serialiseTraceparent, withMetrics, type Logger, type RequestMetrics, type Service } from '@uma-federation/nest-kit';
import { answerPlainly, createHardenedServer, inspectRawHeaders, methodPolicy, RequestRefusal, type InspectedHeaders } from '@uma-federation/reverse-proxy';
import type { TlsFrontConfiguration } from './configuration.ts';
import { forward } from './forward.ts';
import { requestHeaders } from './forwarded-headers.ts';
import { Replicas, systemResolve, type ResolveName } from './replicas.ts';

/** The front of a domain. */
export interface TlsFront extends Service {
  /** Where `GET /health/ready` is answered, once it listens. */
  readonly healthUrl: string;
}

/** What tests replace. */
export interface TlsFrontOverrides {
  readonly resolve?: ResolveName;
  /** How long it is believed which replicas are ready, in milliseconds. */
  readonly freshMs?: number;
}

/** Host name → replicas of the service. */
type Routes = ReadonlyMap<string, Replicas>;

/**
 * Makes the TLS front of a domain: ends TLS, finds the service by host name, and hands requests to its replicas in turn. It decides nothing
 * and adds nothing about who asks but the client's address.
 * @throws Error when certificate or key cannot be read or do not fit
 */
export async function createTlsFront(configuration: TlsFrontConfiguration, { logger }: { readonly logger: Logger }, overrides: TlsFrontOverrides = {}): Promise<TlsFront> {
  const { server: settings, hosts } = configuration;
  const [cert, key] = await Promise.all([readFile(configuration.certificateFile), readFile(configuration.privateKeyFile)]);
  const asking = configuration.clientCertificates && { requestCert: true, rejectUnauthorized: false, ca: await readFile(configuration.clientCertificates.certificateAuthorityFile) };
  const routes = routesOf(hosts, overrides);
  const readiness = new Readiness();
  const metrics = createMetrics(configuration.metrics, { service: 'tls-front', readiness });
  const server = createHardenedServer(listener({ routes, answerTimeoutMs: settings.answerTimeout, logger, metrics: metrics.requests }), { requestTimeoutMs: settings.requestTimeout }, { cert, key, ALPNProtocols: ['http/1.1'], minVersion: 'TLSv1.2', ...asking });
  const health = createServer((request, response) => {
    const isKnown = request.url === '/health/ready';
    response.writeHead(isKnown ? (readiness.draining ? 503 : 200) : 404, { connection: 'close' }).end();
  });
  const service = withMetrics(
    {
      listen: async () => {
        await Promise.all([listening(server, settings.port, settings.host), listening(health, configuration.health.port, '127.0.0.1')]);
        return `https://${settings.host}:${portOf(server)}`;
      },
      stop: () => {
        readiness.drain();
        return drainAndClose(server, settings).finally(() => health.close());
      },
    },
    metrics,
  );
  return {
    ...service,
    get healthUrl() {
      return `http://127.0.0.1:${portOf(health)}/health/ready`;
    },
  };
}

interface Listening {
  readonly routes: Routes;
  readonly answerTimeoutMs: number;
  readonly logger: Logger;
  readonly metrics: RequestMetrics | undefined;
}

function listener({ routes, answerTimeoutMs, logger, metrics }: Listening): RequestListener {
  return (request, response) => {
    const inspected = inspect(request, routes);
    if (metrics !== undefined) measure(metrics, { request, response, route: 'host' in inspected ? inspected.host : 'none' });
    if ('refusal' in inspected) {
      metrics?.refused(inspected.refusal.error, 'invalid_request');
      return answerPlainly(response, { ...inspected.refusal, close: true });
    }
    const { headers, host, replicas } = inspected;
    const address = request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown';
    const trace = newTrace();
    const certificate = clientCertificate(request.socket as TLSSocket);
    const sent = requestHeaders(headers, { address, host, traceparent: serialiseTraceparent(trace, newSpanId()), certificate });
    void forward({ request, response, framing: headers.framing, headers: sent, replicas, answerTimeoutMs }).then((failure) => {
      if (failure !== undefined) logger.warn({ traceId: trace.traceId, host, reason: failure }, 'a service did not answer');
    });
  };
}

/** @param route the host name of the table that was asked for */
function measure(metrics: RequestMetrics, { request, response, route }: { readonly request: IncomingMessage; readonly response: ServerResponse; readonly route: string }): void {
  const begun = performance.now();
  metrics.started();
  response.once('close', () => {
    const status = response.writableFinished ? response.statusCode : 'aborted';
    metrics.finished({ method: request.method ?? '', route, status, seconds: (performance.now() - begun) / 1e3 });
  });
}

/** The client's certificate (DER), if it showed one that leads to a configured authority and is valid now. */
function clientCertificate(socket: TLSSocket): Buffer | undefined {
  return socket.authorized ? socket.getPeerX509Certificate()?.raw : undefined;
}

type Inspected =
  | { readonly headers: InspectedHeaders; readonly host: string; readonly replicas: Replicas }
  | { readonly refusal: { readonly status: number; readonly error: string; readonly allow?: string } };

function inspect(request: IncomingMessage, routes: Routes): Inspected {
  const verdict = methodPolicy(request.method ?? '');
  if (!verdict.accepted) return { refusal: { status: verdict.status, error: verdict.reason, allow: verdict.allow } };
  try {
    const headers = inspectRawHeaders(request.rawHeaders, { httpVersion: request.httpVersion, method: verdict.method });
    const host = headers.host?.replace(/:[0-9]*$/, '') ?? '';
    const replicas = routes.get(host);
    const { servername } = request.socket as TLSSocket;
    // RFC 9110 15.5.20, RFC 9110 4.3.3: not a host of ours, or not the one that the handshake was for.
    if (replicas === undefined || (typeof servername === 'string' && servername !== host)) return { refusal: { status: 421, error: 'misdirected_request' } };
    if (request.url?.startsWith('/') !== true) return { refusal: { status: 400, error: 'target_form' } };
    return { headers, host, replicas };
  } catch (error) {
    if (!(error instanceof RequestRefusal)) throw error;
    return { refusal: { status: error.status, error: error.reason } };
  }
}

/** Host names with the same origin share their replicas. */
function routesOf(hosts: TlsFrontConfiguration['hosts'], { resolve = systemResolve, freshMs }: TlsFrontOverrides): Routes {
  const byOrigin = new Map<string, Replicas>();
  return new Map(
    Object.entries(hosts).map(([host, origin]) => {
      const replicas = byOrigin.get(origin) ?? new Replicas(origin, resolve, freshMs);
      byOrigin.set(origin, replicas);
      return [host, replicas];
    }),
  );
}

async function listening(server: Server, port: number, host: string): Promise<void> {
  server.listen({ port, host });
  await once(server, 'listening');
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function drainAndClose(server: Server, { drainDelay, closeTimeout }: TlsFrontConfiguration['server']): Promise<void> {
  await delay(drainDelay);
  const cut = setTimeout(() => server.closeAllConnections(), closeTimeout);
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  await closed.finally(() => clearTimeout(cut));
}
