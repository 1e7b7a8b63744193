import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ChunkFraming } from './chunk-framing.ts';

const NOTHING = Buffer.alloc(0);
const HEAD_END = Buffer.from('\r\n\r\n');
/** What may belong to the end of a head that goes on in the next piece. */
const TAIL = HEAD_END.length - 1;
const CR = 0x0d;
const LF = 0x0a;
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

/**
 * Refuses chunk extensions, which Node's parser takes and hides [A85]. RFC 9112 7.1.1 lets a recipient ignore them,
 * but hardly an honest client sends them, and the ways in which parsers disagree about where they end are a known way
 * to smuggle. It watches one connection's input before the parser gets it; where a body starts it learns from the
 * parser's own `request` event, so it never decides what a request is, and it can only add a refusal.
 */
export class FrameGuard {
  readonly #socket: Socket;
  /** The piece being parsed; empty between two pieces, or an idle connection would hold on to it. */
  #input: Buffer = NOTHING;
  /** The last octets before `#input`, in case the end of a head lies across two pieces. */
  #tail: Buffer = NOTHING;
  /** Whether `#input` began between two requests, or within a head. */
  #headComesFirst = false;
  #requestsInInput = 0;
  #request: IncomingMessage | undefined;
  #response: ServerResponse | undefined;
  #earlierAnswered = true;
  #framing: ChunkFraming | undefined;

  /** @param socket a connection that nothing has been read from */
  constructor(socket: Socket) {
    this.#socket = socket;
    // Before the parser's listener, and behind it: the events of this piece's requests come in between.
    socket.prependListener('data', (input: Buffer) => this.#watch(input)).on('data', (input: Buffer) => this.#release(input));
  }

  /**
   * Looks at a request as soon as its head is parsed, before its body is.
   *
   * @param request the request of a `request` or `checkContinue` event of this connection
   * @param response its response
   * @returns true when the application may have it; false when its connection was ended, with 400 where that could
   *   still be said
   */
  admits(request: IncomingMessage, response: ServerResponse): boolean {
    this.#requestsInInput += 1;
    this.#earlierAnswered = this.#response === undefined || this.#response.writableFinished;
    this.#request = request;
    this.#response = response;
    if (request.headers['transfer-encoding'] === undefined) return true;
    const bodyStart = this.#bodyStart();
    // A chunked request behind another one in the same packet: RFC 9112 9.3.2 tells clients not to pipeline like that,
    // and its body cannot be told from the first one's.
    if (bodyStart === undefined) return this.#refuse(request);
    this.#framing = new ChunkFraming();
    return this.#scan(this.#framing, request, bodyStart);
  }

  #watch(input: Buffer): void {
    this.#input = input;
    this.#requestsInInput = 0;
    this.#headComesFirst = this.#request === undefined || this.#request.complete;
    if (this.#framing !== undefined && this.#request !== undefined) this.#scan(this.#framing, this.#request, 0);
  }

  #release(input: Buffer): void {
    // A copy, or an idle connection would hold on to the input.
    this.#tail = Buffer.from(input.length < TAIL ? Buffer.concat([this.#tail, input]).subarray(-TAIL) : input.subarray(-TAIL));
    this.#input = NOTHING;
  }

  /** @returns the offset in the input, or undefined when something else came first in it */
  #bodyStart(): number | undefined {
    if (!this.#headComesFirst || this.#requestsInInput > 1) return undefined;
    const seen = Buffer.concat([this.#tail, this.#input]);
    let start = 0;
    // RFC 9112 2.2: empty lines before the request line are ignored.
    if (this.#tail.length === 0) while (seen[start] === CR || seen[start] === LF) start += 1;
    const end = seen.indexOf(HEAD_END, start);
    return end === -1 ? undefined : end + HEAD_END.length - this.#tail.length;
  }

  #scan(framing: ChunkFraming, request: IncomingMessage, from: number): boolean {
    const scan = framing.scan(this.#input, from);
    if (scan !== 'more') this.#framing = undefined;
    return scan === 'refused' ? this.#refuse(request) : true;
  }

  #refuse(request: IncomingMessage): false {
    // A second status line within another answer would be taken for its content.
    if (this.#earlierAnswered && this.#response?.headersSent === false) this.#socket.write(BAD_REQUEST);
    // Takes the connection along, and tells whoever reads the body at once, before the parser delivers this piece.
    request.destroy();
    return false;
  }
}
