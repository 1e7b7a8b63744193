import { rememberedByName } from './remembered-by-name.ts';
import { RequestRefusal } from './request-refusal.ts';

declare const inspected: unique symbol;

/** A request's header fields after {@link inspectRawHeaders} found one reading of them. */
export interface InspectedHeaders {
  readonly [inspected]: true;
  /** Alternating names and values, as received. */
  readonly raw: readonly string[];
  readonly httpVersion: '1.0' | '1.1';
  /** `Host` in lower case; undefined only for HTTP/1.0. Whether it is one of ours is for the caller to say [A86]. */
  readonly host: string | undefined;
  /** How the body is framed; `none` also stands for `Content-Length: 0`. */
  readonly framing: 'none' | 'length' | 'chunked';
  /** Octets, when framing is `length`. */
  readonly contentLength: number | undefined;
  /** All values of a field, in order; the name is compared without regard to case. */
  values(name: string): readonly string[];
}

export interface RequestLine {
  /** `IncomingMessage.httpVersion` */
  readonly httpVersion: string;
  readonly method: string;
}

const MAX_FIELDS = 128;
const ONCE_ONLY = ['host', 'authorization', 'dpop', 'content-length', 'transfer-encoding', 'expect'];
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FORBIDDEN_IN_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const HOST = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9.])?)(?::([0-9]{1,5}))?$/;
const DIGITS = /^[0-9]{1,15}$/;

/** In lower case; empty for what is no field name. */
const fieldName = rememberedByName((name) => (TOKEN.test(name) ? name.toLowerCase() : ''));

/**
 * Refuses header sections that two implementations could read differently. Node joins or drops repeated fields before
 * `IncomingMessage.headers` (a second `Authorization` disappears, a second `Host` is accepted), so this works on the
 * raw list [A85].
 *
 * @param rawHeaders `IncomingMessage.rawHeaders`
 * @param line HTTP version and method of the same request
 * @returns the fields, with framing and host read once
 * @throws RequestRefusal 400 for repeated or contradictory fields, bad framing, a bad `Host`, a body on GET or HEAD;
 *   431 for more than 128 fields; 501 for a WebSocket upgrade
 */
export function inspectRawHeaders(rawHeaders: readonly string[], line: RequestLine): InspectedHeaders {
  if (line.httpVersion !== '1.0' && line.httpVersion !== '1.1') throw new RequestRefusal(400, 'http_version');
  if (rawHeaders.length > 2 * MAX_FIELDS) throw new RequestRefusal(431, 'too_many_headers');
  const byName = groupByName(rawHeaders);
  for (const name of ONCE_ONLY) {
    if ((byName.get(name)?.length ?? 0) > 1) throw new RequestRefusal(400, `duplicate_${name.replace('-', '_')}`);
  }
  const upgrades = byName.get('upgrade');
  if (upgrades !== undefined) refuseWebSocket(upgrades);
  const contentLength = readFraming(byName, line);
  const headers: Omit<InspectedHeaders, typeof inspected> = {
    raw: rawHeaders,
    httpVersion: line.httpVersion,
    host: readHost(byName.get('host')?.[0], line.httpVersion),
    framing: byName.has('transfer-encoding') ? 'chunked' : contentLength === undefined ? 'none' : 'length',
    contentLength,
    values: (name: string) => byName.get(name.toLowerCase()) ?? [],
  };
  return Object.freeze(headers) as InspectedHeaders;
}

function groupByName(rawHeaders: readonly string[]): ReadonlyMap<string, string[]> {
  const byName = new Map<string, string[]>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = fieldName(rawHeaders[index] ?? '');
    const value = rawHeaders[index + 1];
    if (value === undefined || name === '') throw new RequestRefusal(400, 'header_name');
    if (FORBIDDEN_IN_VALUE.test(value)) throw new RequestRefusal(400, 'header_value');
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [value]);
    else known.push(value);
  }
  return byName;
}

/** @returns the length when there is one and it is not zero */
function readFraming(byName: ReadonlyMap<string, readonly string[]>, line: RequestLine): number | undefined {
  const coding = byName.get('transfer-encoding')?.[0];
  const length = byName.get('content-length')?.[0];
  if (coding !== undefined) {
    // RFC 9112 6.1: both together "might indicate an attempt to perform request smuggling"; HTTP/1.0 has no chunks.
    if (length !== undefined) throw new RequestRefusal(400, 'length_and_transfer_encoding');
    if (line.httpVersion !== '1.1') throw new RequestRefusal(400, 'transfer_encoding_in_http10');
    if (coding !== 'chunked') throw new RequestRefusal(400, 'transfer_encoding');
  }
  if (length !== undefined && !DIGITS.test(length)) throw new RequestRefusal(400, 'content_length');
  const contentLength = length === undefined || Number(length) === 0 ? undefined : Number(length);
  // RFC 9110 9.3.1: content in a GET "might lead some implementations to reject the request … because of its
  // potential as a request smuggling attack". This is one of them.
  if ((line.method === 'GET' || line.method === 'HEAD') && (coding !== undefined || contentLength !== undefined)) {
    throw new RequestRefusal(400, 'body_without_meaning');
  }
  return contentLength;
}

function readHost(host: string | undefined, httpVersion: string): string | undefined {
  if (host === undefined) {
    if (httpVersion === '1.0') return undefined;
    throw new RequestRefusal(400, 'missing_host');
  }
  const match = HOST.exec(host);
  if (match === null || Number(match[1] ?? 0) > 65_535) throw new RequestRefusal(400, 'invalid_host');
  return host.toLowerCase();
}

/**
 * RFC 9110 7.8 lets a server ignore `Upgrade`, and so h2c and all others are stripped and the request goes on as plain
 * HTTP. A WebSocket client cannot use a plain answer, so it hears at once that tunnels are not implemented [A89].
 */
function refuseWebSocket(upgrades: readonly string[]): void {
  const protocols = upgrades.join(',').split(',');
  if (protocols.some((protocol) => /^websocket(?:\/|$)/i.test(protocol.trim()))) throw new RequestRefusal(501, 'websocket');
}
