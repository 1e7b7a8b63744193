import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

export interface RequestBodyEvents {
  /** The upstream connection stands and wants the first octets. */
  onWanted(): void;
  /** The client left before its body was complete. */
  onAbort(): void;
  /** The client sent nothing for the time given. */
  onStall(): void;
  /** Starts a timer; the returned function stops it. */
  afterStallTimeout(action: () => void): () => void;
}

/**
 * The client's body as the upstream reads it: the client is read only as fast as the upstream takes it, and not before
 * the upstream connection stands. It is not the request itself, because the HTTP client destroys a body it does not
 * need, and destroying the request would take the client's connection along. Trailers stay behind [A84].
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage;
  readonly #events: RequestBodyEvents;
  #wanted = false;
  #stopStallTimer: (() => void) | undefined;

  /**
   * @param request a request with a body that nobody has read from
   * @param events told about progress and about the lack of it
   */
  constructor(request: IncomingMessage, events: RequestBodyEvents) {
    super({ highWaterMark: request.readableHighWaterMark });
    this.#request = request;
    this.#events = events;
    request.pause();
    request.on('data', this.#take).on('end', this.#finish).on('close', this.#leave).on('error', this.#leave);
    // Whoever destroys this body knows why; without a listener the error would end the process.
    this.on('error', () => undefined);
  }

  override _read(): void {
    if (!this.#wanted) {
      this.#wanted = true;
      this.#events.onWanted();
    }
    this.#stopStallTimer ??= this.#events.afterStallTimeout(() => this.#events.onStall());
    this.#request.resume();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#settleTimer();
    this.#request.off('data', this.#take).off('end', this.#finish).off('close', this.#leave);
    // What the upstream did not want is read and dropped, so that the client hears the answer and may go on.
    this.#request.resume();
    callback(error);
  }

  readonly #take = (chunk: Buffer): void => {
    this.#settleTimer();
    if (!this.push(chunk)) this.#request.pause();
  };

  readonly #finish = (): void => {
    this.#settleTimer();
    this.push(null);
  };

  readonly #leave = (): void => {
    if (this.readableEnded || this.#request.complete) return;
    this.#events.onAbort();
    this.destroy(new Error('the client left before its body was complete'));
  };

  #settleTimer(): void {
    this.#stopStallTimer?.();
    this.#stopStallTimer = undefined;
  }
}
