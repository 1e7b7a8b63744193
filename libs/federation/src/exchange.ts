import { parseStrictJson, type JsonValue } from '@uma-federation/uma-core';
import type { Dispatcher } from 'undici';

/** Why an HTTP exchange failed; the callers turn it into their own kind of failure. */
export class ExchangeFault extends Error {
  /** `timeout`, `aborted`, `tls_failure`, `connection_failure`, `content_encoding`, `content_type`, `body_too_large` or `json_malformed`. */
  readonly reason: string;

  constructor(reason: string, options?: { cause?: unknown }) {
    super(reason, options);
    this.name = 'ExchangeFault';
    this.reason = reason;
  }
}

/** One HTTP request. */
export interface ExchangeRequest {
  readonly url: URL;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly maxBodyBytes: number;
  /** Whether the body of an answer with this status is wanted; others are thrown away unread. */
  readonly wantsBody: (status: number) => boolean;
}

/** What came back. Header names are lower-case; repeated headers are joined with commas. */
export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

/**
 * Sends one request and reads the answer within the limits. Follows no redirect and asks for no compression.
 * @throws ExchangeFault
 */
export async function exchange(dispatcher: Dispatcher, request: ExchangeRequest, signal: AbortSignal): Promise<ExchangeAnswer> {
  const { url, method, headers, body } = request;
  try {
    const answer = await dispatcher.request({ origin: url.origin, path: url.pathname + url.search, method, headers, body: body ?? null, signal });
    const flat = flatten(answer.headers);
    try {
      if (!request.wantsBody(answer.statusCode)) return { status: answer.statusCode, headers: flat };
      return { status: answer.statusCode, headers: flat, body: await readLimited(answer.body, flat, request.maxBodyBytes) };
    } finally {
      answer.body.on('error', () => undefined).destroy();
    }
  } catch (error) {
    throw toFault(error, signal);
  }
}

/**
 * The JSON document of an answer.
 * @returns undefined when the answer has another media type than application/json or application/*+json
 * @throws ExchangeFault `json_malformed` when it is not strict JSON in UTF-8 of at most 10 levels (A40)
 */
export function jsonOf(answer: ExchangeAnswer): JsonValue | undefined {
  const mediaType = (answer.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (answer.body === undefined || !/^application\/([a-z0-9!#$&^_.+-]+\+)?json$/.test(mediaType)) return undefined;
  try {
    return parseStrictJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(answer.body), { maxDepth: 10 });
  } catch (cause) {
    throw new ExchangeFault('json_malformed', { cause });
  }
}

async function readLimited(body: AsyncIterable<Uint8Array>, headers: Readonly<Record<string, string>>, maxBytes: number): Promise<Uint8Array> {
  // Nothing was offered in Accept-Encoding, so an encoded body is a bomb or a fault.
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new ExchangeFault('content_encoding');
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new ExchangeFault('body_too_large');
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new ExchangeFault('body_too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]])),
  );
}

function toFault(error: unknown, signal: AbortSignal): ExchangeFault {
  if (signal.aborted) return new ExchangeFault(signal.reason instanceof ExchangeFault ? signal.reason.reason : 'aborted', { cause: error });
  if (error instanceof ExchangeFault) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  if (/TIMEOUT|ETIMEDOUT/.test(code)) return new ExchangeFault('timeout', { cause: error });
  return new ExchangeFault(/^ERR_(TLS|SSL|OSSL)|CERT|SELF_SIGNED|^UNABLE_TO_/.test(code) ? 'tls_failure' : 'connection_failure', { cause: error });
}
