/** What a refusal carries. `description` is public and constant per reason; `detail` stays in the log. */
export interface Refusal {
  /** The `error` member on the wire (RFC 6749 5.2, RFC 6750 3.1, RFC 8693 2.2.2, UMA Grant 3.3.6). */
  readonly error: string;
  /** The HTTP status. */
  readonly status: number;
  /** A stable id for logs, metrics and docs; never sent to the peer. */
  readonly reason: string;
  /** Public text; never contains input, tokens or addresses. */
  readonly description?: string | undefined;
  /** Log-only text; never contains tokens, secrets or e-mail addresses. */
  readonly detail?: string | undefined;
  /** Seconds for `Retry-After`. */
  readonly retryAfterSeconds?: number | undefined;
  /** Further response headers, for example `Allow` with 405. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * A refusal that the protocol names. Bugs are plain `Error`s and become an opaque 500 in `toWire`.
 * `need_info`, `request_submitted` and `request_denied` are answers, not refusals: use cases return them.
 */
export class ProtocolError extends Error {
  readonly error: string;
  readonly status: number;
  readonly reason: string;
  readonly description: string | undefined;
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(refusal: Refusal, options?: { cause?: unknown }) {
    super(`${refusal.error} (${refusal.reason})`, options);
    this.name = 'ProtocolError';
    this.error = refusal.error;
    this.status = refusal.status;
    this.reason = refusal.reason;
    this.description = refusal.description;
    this.detail = refusal.detail;
    this.retryAfterSeconds = refusal.retryAfterSeconds;
    this.headers = refusal.headers ?? {};
  }
}
