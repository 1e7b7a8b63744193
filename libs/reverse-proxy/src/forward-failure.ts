/** Why an exchange with the upstream failed; stable ids for logs and metrics. */
export type FailureReason =
  | 'upstream_refused'
  | 'upstream_tls'
  | 'upstream_connect_timeout'
  | 'upstream_headers_timeout'
  | 'upstream_body_timeout'
  | 'upstream_reset'
  | 'upstream_protocol'
  | 'upstream_busy'
  | 'deadline'
  | 'client_stalled';

export interface ForwardFailure {
  readonly reason: FailureReason;
  /** The status to answer with, if the answer has not begun. */
  readonly status: 408 | 502 | 503 | 504;
  /** For the log only. */
  readonly cause: Error;
}

const STATUS: Readonly<Record<FailureReason, ForwardFailure['status']>> = {
  upstream_refused: 502,
  upstream_tls: 502,
  upstream_connect_timeout: 504,
  upstream_headers_timeout: 504,
  upstream_body_timeout: 504,
  upstream_reset: 502,
  upstream_protocol: 502,
  upstream_busy: 503,
  deadline: 504,
  client_stalled: 408,
};

const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$|EPROTO$)/;

/**
 * Pairs a reason with the status it is answered with (RFC 9110 15.6: 502 invalid or no response, 504 no timely one).
 *
 * @param reason why
 * @param cause the error behind it
 * @returns the failure
 */
export function forwardFailure(reason: FailureReason, cause: Error): ForwardFailure {
  return { reason, status: STATUS[reason], cause };
}

/**
 * Names an error of the HTTP client.
 *
 * @param error what undici reported
 * @param connected whether the request had got a connection by then
 * @returns the failure
 */
export function failureOf(error: Error, connected: boolean): ForwardFailure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return forwardFailure(connected ? exchangeReason(code) : connectReason(code), error);
}

function connectReason(code: string): FailureReason {
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') return 'upstream_connect_timeout';
  return TLS_CODE.test(code) ? 'upstream_tls' : 'upstream_refused';
}

function exchangeReason(code: string): FailureReason {
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return 'upstream_headers_timeout';
  if (code === 'UND_ERR_BODY_TIMEOUT') return 'upstream_body_timeout';
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE') return 'upstream_reset';
  return 'upstream_protocol';
}
