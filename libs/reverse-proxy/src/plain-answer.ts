import type { ServerResponse } from 'node:http';

export interface PlainAnswer {
  readonly status: number;
  /** Stable id; the only thing the body says. */
  readonly error: string;
  /** Ends the connection with this answer. */
  readonly close?: boolean;
  /** The value of `Allow`, for 405 and 501. */
  readonly allow?: string;
}

/**
 * Answers with a constant JSON body `{"error": …}` that no cache keeps. Does nothing once a response has begun.
 *
 * @param response the response to end
 * @param answer status and id
 */
export function answerPlainly(response: ServerResponse, answer: PlainAnswer): void {
  if (response.headersSent || response.destroyed) return;
  const body = JSON.stringify({ error: answer.error });
  if (answer.close === true) response.shouldKeepAlive = false;
  response.writeHead(answer.status, [
    ...['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(body)), 'Cache-Control', 'no-store'],
    ...(answer.allow === undefined ? [] : ['Allow', answer.allow]),
  ]);
  response.end(body);
}
