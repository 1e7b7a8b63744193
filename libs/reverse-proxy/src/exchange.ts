import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Clock } from './clock.ts';
import { downstreamResponseHeaders } from './downstream-response-headers.ts';
import { failureOf, forwardFailure, type FailureReason, type ForwardFailure } from './forward-failure.ts';

/** How an exchange ended. */
export type ForwardOutcome =
  /** The whole answer was handed to the client's connection. */
  | { readonly kind: 'completed'; readonly status: number; readonly responseBytes: number }
  /** It failed before the answer began; the client got `failure.status`. */
  | { readonly kind: 'failed'; readonly failure: ForwardFailure }
  /** It failed in the middle of the answer; the client's connection was destroyed, so that it cannot take a part for the whole. */
  | { readonly kind: 'truncated'; readonly status: number; readonly responseBytes: number; readonly failure: ForwardFailure }
  /** The client left; the upstream request was aborted. */
  | { readonly kind: 'client-aborted' };

export interface ExchangeRules {
  readonly authorized: boolean;
  readonly clock: Clock;
  /** How long to wait for a free upstream connection, in milliseconds. */
  readonly queueTimeoutMs: number;
  /** How long a client may leave the answer untouched, in milliseconds. */
  readonly clientStallTimeoutMs: number;
  /** When to end the exchange whatever its state, in milliseconds since 1970; undefined for never [A93]. */
  readonly deadlineEpochMs: number | undefined;
  /** Writes the answer for a failure; the response has not begun. */
  answerFailure(response: ServerResponse, failure: ForwardFailure): void;
}

/**
 * One request on its way through: receives the upstream's answer from undici and writes it to the client, no faster
 * than the client reads. Ends once, with one outcome.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly outcome: Promise<ForwardOutcome>;
  readonly #response: ServerResponse;
  readonly #rules: ExchangeRules;
  #settle!: (outcome: ForwardOutcome) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #stopQueueTimer: (() => void) | undefined;
  #stopStallTimer: (() => void) | undefined;
  #stopDeadline: (() => void) | undefined;
  #cleanup: (() => void) | undefined;
  #settled = false;
  #status = 0;
  #responseBytes = 0;

  /**
   * @param request the client's request
   * @param response its response, not begun; from here on it belongs to the exchange
   * @param rules limits and the clock they are measured with
   */
  constructor(request: IncomingMessage, response: ServerResponse, rules: ExchangeRules) {
    this.#response = response;
    this.#rules = rules;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#listen(request, response);
    this.#startDeadline(rules);
  }

  /** True once the exchange ended; nothing may be sent upstream then. */
  get ended(): boolean {
    return this.#settled;
  }

  /** Names what to release when the exchange ends. */
  onEnd(cleanup: () => void): void {
    if (this.#settled) cleanup();
    else this.#cleanup = cleanup;
  }

  /** The request was handed to the HTTP client. A request that got a connection at once waits for none. */
  dispatched(): void {
    if (this.#controller !== undefined || this.#settled) return;
    this.#stopQueueTimer = this.#rules.clock.after(this.#rules.queueTimeoutMs, () => this.fail('upstream_busy'));
  }

  /** Ends the exchange for a reason that is not the upstream's error. */
  fail(reason: FailureReason): void {
    this.#failWith(forwardFailure(reason, new Error(reason)));
  }

  /** The client left: there is nobody to answer, and the upstream need not go on. */
  abandon(): void {
    if (this.#settled) return;
    this.#end({ kind: 'client-aborted' });
    this.#controller?.abort(new Error('the client left'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#stopQueueTimer?.();
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error('the exchange ended in the queue'));
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // Interim answers are dropped: their fields would reach the client past the rules for responses.
    if (status < 200 || this.#settled) return;
    this.#status = status;
    try {
      this.#response.writeHead(status, downstreamResponseHeaders(latin1(controller.rawHeaders), { status, authorized: this.#rules.authorized }));
    } catch (error) {
      this.#failWith(forwardFailure('upstream_protocol', error instanceof Error ? error : new Error(String(error))));
      return;
    }
    // A body that is already here goes out in one packet with the head; a head without one does not wait for it.
    process.nextTick(() => {
      if (this.#responseBytes === 0 && !this.#settled && !this.#response.writableEnded) this.#response.flushHeaders();
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#responseBytes += chunk.length;
    if (this.#response.write(chunk)) return;
    controller.pause();
    this.#response.once('drain', () => this.#goOn());
    this.#watchClient();
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#response.end();
    // What the client's connection has taken whole, nobody can stall.
    if (this.#response.writableLength > 0) this.#watchClient();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    this.#failWith(failureOf(error, this.#controller !== undefined));
  }

  #listen(request: IncomingMessage, response: ServerResponse): void {
    const finish = (): void => this.#end({ kind: 'completed', status: this.#status, responseBytes: this.#responseBytes });
    const leave = (): void => this.abandon();
    // None is taken off again: they do nothing after the end, and an error has nobody else to catch it.
    response.on('error', leave).on('finish', finish).on('close', leave);
    request.on('aborted', leave);
  }

  #startDeadline(rules: ExchangeRules): void {
    if (rules.deadlineEpochMs === undefined) return;
    const delayMs = rules.deadlineEpochMs - rules.clock.nowEpochMs();
    if (delayMs <= 0) this.fail('deadline');
    else this.#stopDeadline = rules.clock.after(delayMs, () => this.fail('deadline'));
  }

  /** The client has read what was written so far. */
  #goOn(): void {
    this.#stopStallTimer?.();
    this.#stopStallTimer = undefined;
    if (!this.#settled) this.#controller?.resume();
  }

  #watchClient(): void {
    if (this.#stopStallTimer !== undefined) return;
    const before = this.#response.writableLength;
    this.#stopStallTimer = this.#rules.clock.after(this.#rules.clientStallTimeoutMs, () => {
      this.#stopStallTimer = undefined;
      if (this.#response.writableLength < before) this.#watchClient();
      else this.fail('client_stalled');
    });
  }

  #failWith(failure: ForwardFailure): void {
    if (this.#settled) return;
    if (this.#response.headersSent) {
      this.#end({ kind: 'truncated', status: this.#status, responseBytes: this.#responseBytes, failure });
      this.#response.destroy();
    } else {
      this.#end({ kind: 'failed', failure });
      this.#rules.answerFailure(this.#response, failure);
    }
    this.#controller?.abort(failure.cause);
  }

  #end(outcome: ForwardOutcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#stopQueueTimer?.();
    this.#stopStallTimer?.();
    this.#stopDeadline?.();
    this.#cleanup?.();
    this.#settle(outcome);
  }
}

/** HTTP/1.1 fields come as octets; each octet is one character of the text Node writes out again. */
function latin1(rawHeaders: Dispatcher.DispatchController['rawHeaders']): string[] {
  if (!Array.isArray(rawHeaders)) return [];
  return rawHeaders.map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}
