import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from './logger.ts';

/**
 * Answers what Node's HTTP parser refused (malformed, too slow, headers too large) in the house's error format, and closes the connection.
 * @param error the parser's error; its `rawPacket` holds input and is not logged
 * @returns whether that was a refusal; false when the client is just gone
 */
export function answerMalformedHttp(error: Error & { readonly code?: string }, socket: Socket, logger: Logger): boolean {
  const code = error.code ?? 'unknown';
  if (code === 'ECONNRESET' || socket.destroyed) return false;
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  logger.warn({ status, reason: 'malformed_http', error: 'invalid_request', detail: code }, 'request refused');
  if (socket.writable) {
    const body = '{"error":"invalid_request"}';
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n` +
        `Cache-Control: no-store\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy();
  return true;
}
