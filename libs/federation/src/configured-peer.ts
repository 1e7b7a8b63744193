import type { JsonValue } from '@uma-federation/uma-core';
import { Agent } from 'undici';
import { withDeadline } from './deadline.ts';
import { ExchangeFault, exchange, jsonOf, type ExchangeAnswer } from './exchange.ts';
import { PeerFailure } from './peer-failure.ts';

/** One call. */
export interface PeerRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute URL on one of the configured origins. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as `application/json`. */
  readonly json?: JsonValue | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What the peer answered; the status is below 500 and no redirect. `json` is present when the answer is JSON. */
export interface PeerAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: JsonValue | undefined;
}

/** HTTP to services that the configuration names: an introspection endpoint, the gateway's AS-RO. Not for strangers. */
export interface ConfiguredPeer {
  /** @throws PeerFailure */
  request(request: PeerRequest): Promise<PeerAnswer>;
  /** POST of an `application/x-www-form-urlencoded` body. @throws PeerFailure */
  postForm(url: string, form: Readonly<Record<string, string>> | URLSearchParams, headers?: Readonly<Record<string, string>>): Promise<PeerAnswer>;
  /** Closes the pool after the requests in flight. */
  close(): Promise<void>;
}

/** Settings of a configured peer. */
export interface ConfiguredPeerOptions {
  /** Milliseconds per request, connecting included. Default: 3000. */
  readonly deadlineMs?: number | undefined;
  /** Default: 262144. */
  readonly maxBodyBytes?: number | undefined;
  /** Connections per origin. Default: 32. */
  readonly maxConnections?: number | undefined;
  /** PEM certificates that replace the built-in roots. */
  readonly certificateAuthorities?: readonly string[] | undefined;
}

/**
 * An HTTP client for configured origins, with a keep-alive pool. Private addresses are allowed, certificates are always verified,
 * redirects are refused, and no compression is asked for.
 * @param baseOrigins the only origins it talks to, spelled as origins (`https://as.foo.example`, `http://as-ro:8080`)
 * @throws Error when a base origin is not one
 */
export function createConfiguredPeer(baseOrigins: readonly string[], options: ConfiguredPeerOptions = {}): ConfiguredPeer {
  const origins = new Set(baseOrigins.map(checkOrigin));
  const deadlineMs = options.deadlineMs ?? 3000;
  const agent = new Agent({
    allowH2: false,
    pipelining: 1,
    connections: options.maxConnections ?? 32,
    connect: {
      timeout: deadlineMs,
      rejectUnauthorized: true,
      // BCP 195 (RFC 9325 3.1.1).
      minVersion: 'TLSv1.2',
      ...(options.certificateAuthorities === undefined ? {} : { ca: [...options.certificateAuthorities] }),
    },
  });
  const send = async (request: PeerRequest, body: string | undefined, headers: Record<string, string>): Promise<PeerAnswer> => {
    const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
    if (url === undefined || !origins.has(url.origin) || url.username !== '' || url.password !== '') throw new PeerFailure('origin_not_configured');
    const sent = { url, method: request.method, headers, body, maxBodyBytes: options.maxBodyBytes ?? 262_144, wantsBody: () => true };
    try {
      return toPeerAnswer(await withDeadline(deadlineMs, request.signal, (signal) => exchange(agent, sent, signal)));
    } catch (error) {
      if (error instanceof ExchangeFault) throw new PeerFailure(error.reason, { cause: error.cause });
      throw error;
    }
  };
  return {
    request: (request) => {
      const body = request.json === undefined ? undefined : JSON.stringify(request.json);
      return send(request, body, headersOf(request.headers, body === undefined ? undefined : 'application/json'));
    },
    postForm: (url, form, headers) =>
      send({ method: 'POST', url }, new URLSearchParams(form).toString(), headersOf(headers, 'application/x-www-form-urlencoded')),
    close: () => agent.close(),
  };
}

function checkOrigin(origin: string): string {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url?.origin !== origin || !['https:', 'http:'].includes(url.protocol)) throw new Error(`"${origin}" is not an http or https origin.`);
  return origin;
}

function headersOf(headers: Readonly<Record<string, string>> | undefined, contentType: string | undefined): Record<string, string> {
  const given = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { accept: 'application/json', ...Object.fromEntries(given), ...(contentType === undefined ? {} : { 'content-type': contentType }) };
}

function toPeerAnswer(answer: ExchangeAnswer): PeerAnswer {
  const { status, headers } = answer;
  if (status >= 500) {
    const retryAfter = headers['retry-after'] ?? '';
    throw new PeerFailure('server_error', { status, retryAfterSeconds: /^[0-9]{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined });
  }
  if (status >= 300 && status < 400) throw new PeerFailure('redirect_refused', { status });
  const json = jsonOf(answer);
  return { status, headers, ...(json === undefined ? {} : { json }) };
}
