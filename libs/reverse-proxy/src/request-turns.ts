import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const MAX_WAITING = 32;

/**
 * Gives the requests of one connection to the application one after the other. Node hands over pipelined requests at
 * once, even those behind a request whose answer ends the connection; RFC 9112 9.6 has a server that sends `close`
 * process nothing more on that connection, and what comes behind a refused request is what a smuggler hid there [A85].
 */
export class RequestTurns {
  readonly #socket: Socket;
  #latest: ServerResponse | undefined;
  #waiting = 0;

  /** @param socket the connection */
  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Runs at once, or when the earlier response is finished, or never, when that ended the connection. A connection
   * with more than 32 requests waiting is destroyed.
   *
   * @param response the response of the request whose turn is wanted
   * @param run hands the request over
   */
  take(response: ServerResponse, run: () => void): void {
    const earlier = this.#latest;
    this.#latest = response;
    if (earlier === undefined || earlier.writableFinished) {
      this.#runIfOpen(run);
      return;
    }
    this.#waiting += 1;
    if (this.#waiting > MAX_WAITING) this.#socket.destroy();
    earlier.once('finish', () => {
      this.#waiting -= 1;
      this.#runIfOpen(run);
    });
  }

  /** By the time a response has finished, Node has begun to end a connection that goes with it. */
  #runIfOpen(run: () => void): void {
    if (!this.#socket.writableEnded && !this.#socket.destroyed) run();
  }
}
