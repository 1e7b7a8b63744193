/** How one request differs from the defaults of its client. */
export interface RequestOptions {
  /** Until a `BusTimeout`. */
  readonly timeoutMs?: number | undefined;
  /** Names what is asked for, at most 200 characters: give the same when asking again. A fresh random one otherwise. */
  readonly messageId?: string | undefined;
  /** Trace ids and the like, for `RequestContext.metadata`. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** Asks a service of the same domain; one of its replicas answers. */
export interface RequestClient {
  /**
   * Sends a request and waits for the answer.
   * @param pattern the name under which the service has a handler
   * @param data JSON, at most 64 KiB with its envelope
   * @returns the handler's answer after a round trip through JSON; its shape is not checked here
   * @throws ProtocolError what the handler refused with, or an opaque 500 for its fault; BusTimeout without an answer in time;
   * BusRefusal 503 when Redis does not take the request, too many are under way, or the client was closed
   */
  request<T>(pattern: string, data: unknown, options?: RequestOptions): Promise<T>;
  /** Refuses what is under way and frees every connection. */
  close(): Promise<void>;
}
