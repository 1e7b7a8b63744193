import type { Uma1Answer } from '@uma-federation/uma-core';
import type { FastifyReply } from 'fastify';

/** Sends an answer of the facade as it is, media type included. */
export function sendUma1Answer(reply: FastifyReply, { status, headers, mediaType, body }: Uma1Answer): void {
  void reply.status(status).headers(headers).type(mediaType).send(JSON.stringify(body));
}
