import { normalisedName, type InspectedHeaders } from '@uma-federation/reverse-proxy';

/** RFC 9110 7.6.1: fields that concern one connection only. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
/** What a client says about its own address, way here, trace and certificate is not believed: the services take these fields from the front. */
const ABOUT_THE_CLIENT = /^(?:forwarded$|x-forwarded-|x-real-ip$|host$|traceparent$|tracestate$|client-cert$|client-cert-chain$)/;

/** What the front knows of a client. */
export interface ForwardedClient {
  readonly address: string;
  readonly host: string;
  readonly traceparent: string;
  readonly certificate?: Buffer | undefined;
}

/**
 * The header section for a service: the client's, without fields of the connection and with what the front knows of the client.
 * @param headers of a request with one reading
 * @param client its address, the host name it asked for, the `traceparent` of the trace that begins with its request, and its certificate (DER)
 * @returns alternating names and values
 */
export function requestHeaders(headers: InspectedHeaders, client: ForwardedClient): string[] {
  const kept = withoutHopByHop(headers.raw, (name) => ABOUT_THE_CLIENT.test(name));
  const framing = headers.framing === 'chunked' ? ['Transfer-Encoding', 'chunked'] : [];
  const forwarded = ['X-Forwarded-For', client.address, 'X-Forwarded-Proto', 'https', 'Via', `${headers.httpVersion} tls-front`, 'Traceparent', client.traceparent];
  // RFC 9440 2.2: a byte sequence of RFC 8941 3.3.5.
  const certificate = client.certificate === undefined ? [] : ['Client-Cert', `:${client.certificate.toString('base64')}:`];
  return ['Host', client.host, ...kept, ...framing, ...forwarded, ...certificate];
}

/** The header section for the client: the service's, without fields of the connection. Alternating names and values. */
export function responseHeaders(raw: readonly string[]): string[] {
  return withoutHopByHop(raw, () => false);
}

function withoutHopByHop(raw: readonly string[], drops: (name: string) => boolean): string[] {
  const fields = raw.flatMap((name, index) => (index % 2 === 0 ? [{ name, value: raw[index + 1] ?? '', folded: normalisedName(name) }] : []));
  const named = new Set(fields.filter(({ folded }) => folded === 'connection').flatMap(({ value }) => value.split(',').map((option) => normalisedName(option.trim()))));
  return fields.flatMap(({ name, value, folded }) => (HOP_BY_HOP.has(folded) || named.has(folded) || drops(folded) ? [] : [name, value]));
}
