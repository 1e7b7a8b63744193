import { ProtocolError } from './protocol-error.ts';

/** An error answer as it goes over the wire. */
export interface WireError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: string; readonly error_description?: string; readonly request_id?: string };
}

/**
 * The one mapping from errors to HTTP.
 * @param error anything that was thrown
 * @param requestId id under which the log holds the cause; sent only with a server error
 * @returns status, headers (always `Cache-Control: no-store`) and body; anything that is not a `ProtocolError` is an opaque 500
 */
export function toWire(error: unknown, requestId?: string): WireError {
  const noStore = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };
  if (!(error instanceof ProtocolError)) {
    return {
      status: 500,
      headers: noStore,
      body: { error: 'server_error', ...(requestId === undefined ? {} : { request_id: requestId }) },
    };
  }
  return {
    status: error.status,
    headers: {
      ...noStore,
      ...error.headers,
      ...(error.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(error.retryAfterSeconds) }),
    },
    body: {
      error: error.error,
      ...(error.description === undefined ? {} : { error_description: error.description }),
    },
  };
}
