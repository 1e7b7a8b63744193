/** A configured peer did not answer usefully: its transport failed, it took too long, or it answered 5xx. Callers fail closed. */
export class PeerFailure extends Error {
  /** A stable id: `timeout`, `connection_failure`, `tls_failure`, `server_error`, `redirect_refused`, `body_too_large`, `json_malformed` … */
  readonly reason: string;
  /** The HTTP status, when there was one. */
  readonly status: number | undefined;
  /** Seconds of the peer's `Retry-After`, when it named them. */
  readonly retryAfterSeconds: number | undefined;

  constructor(reason: string, options: { cause?: unknown; status?: number; retryAfterSeconds?: number | undefined } = {}) {
    super(reason, { cause: options.cause });
    this.name = 'PeerFailure';
    this.reason = reason;
    this.status = options.status;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
