import { decodeUtf8, FormParameters, invalidRequest, parseForm, parseStrictJson, type JsonValue } from '@uma-federation/uma-core';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** `strict`: forms and strict JSON, nothing else. `stream`: no body is read; handlers get `request.raw` untouched. */
export type BodyParsing = 'strict' | 'stream';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';

/**
 * Replaces Fastify's body parsers. Limits on size are Fastify's `bodyLimit`.
 * @param jsonMediaTypes media types that are read as JSON too; handlers that want one say so in `jsonBody`
 */
export function registerBodyParsers(fastify: FastifyInstance, parsing: BodyParsing, jsonMediaTypes: readonly string[] = []): void {
  fastify.removeAllContentTypeParsers();
  if (parsing === 'stream') {
    fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
    return;
  }
  fastify.addContentTypeParser(FORM, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => parseForm(textOf(request, body)));
  fastify.addContentTypeParser([JSON_TYPE, ...jsonMediaTypes], { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
    // Clients name a content type without sending content, with DELETE for example; who needs a body says so in `jsonBody`.
    body.length === 0 ? undefined : parseJson(textOf(request, body)),
  );
}

/**
 * The form that a request carries.
 * @throws ProtocolError `invalid_request` when the body is something else or missing (T5)
 */
export function formBody(request: FastifyRequest): FormParameters {
  if (!(request.body instanceof FormParameters)) throw invalidRequest('form_expected');
  return request.body;
}

/**
 * The JSON value that a request carries; duplicate members and `__proto__` were refused by the parser (A69).
 * @param mediaTypes that count as JSON here
 * @throws ProtocolError `invalid_request` when the body is something else or missing
 */
export function jsonBody(request: FastifyRequest, mediaTypes: readonly string[] = [JSON_TYPE]): JsonValue {
  const mediaType = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType === undefined || !mediaTypes.includes(mediaType) || request.body === undefined) throw invalidRequest('json_expected');
  return request.body as JsonValue;
}

function textOf(request: FastifyRequest, body: Buffer): string {
  // A compressed body would be read as text that only looks harmless.
  const coding = request.headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity') throw invalidRequest('content_encoding_not_supported');
  const text = decodeUtf8(body);
  if (text === undefined) throw invalidRequest('body_not_utf8');
  return text;
}

function parseJson(text: string): JsonValue {
  try {
    return parseStrictJson(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) throw invalidRequest('json_malformed');
    throw cause;
  }
}
