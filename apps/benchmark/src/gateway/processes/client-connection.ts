import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const SUCCESS = 'HTTP/1.1 200 ';
const LENGTH = /\r\ncontent-length: (\d+)\r\n/i;

/** One connection of a client that sends one request after the other. Answers need a Content-Length; anything but 200 is an error. */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #request: Buffer;
  #received = '';
  #done: () => void = () => undefined;
  /** Answers that were not 200, and connections that broke. */
  errors = 0;

  private constructor(socket: Socket, request: Buffer) {
    this.#socket = socket;
    this.#request = request;
    socket.setNoDelay(true);
    socket.on('data', (octets: Buffer) => this.#take(octets));
    socket.on('error', () => undefined).on('close', () => (this.errors += 1));
  }

  /** @param request what this connection sends each time */
  static async open(port: number, request: Buffer): Promise<ClientConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new ClientConnection(socket, request);
  }

  /** Sends the request; `done` is called when the whole answer is there. */
  send(done: () => void): void {
    this.#done = done;
    this.#socket.write(this.#request);
  }

  close(): void {
    this.#socket.removeAllListeners('close').destroy();
  }

  #take(octets: Buffer): void {
    this.#received = this.#received === '' ? octets.toString('latin1') : this.#received + octets.toString('latin1');
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const length = Number(LENGTH.exec(this.#received)?.[1]);
    if (this.#received.length < headEnd + 4 + length) return;
    if (!this.#received.startsWith(SUCCESS)) this.errors += 1;
    this.#received = '';
    this.#done();
  }
}

/** @returns one connection for each of `count`, with the requests in turn */
export async function openConnections(port: number, requests: readonly string[], count: number): Promise<readonly ClientConnection[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => ClientConnection.open(port, Buffer.from(requests[index % requests.length] ?? '', 'latin1'))));
}
