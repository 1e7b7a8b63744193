import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import { ProtocolError, type JsonObject } from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';
import { METADATA } from './injection-tokens.ts';
import { METADATA_PATH, type ProtectedResourceMetadata } from './protected-resource-metadata.ts';

/** Serves the protected resource metadata (RFC 9728 3); it is public and the same for everybody. */
@Controller()
export class ProtectedResourceMetadataController {
  readonly #metadata: ProtectedResourceMetadata;

  constructor(@Inject(METADATA) metadata: ProtectedResourceMetadata) {
    this.#metadata = metadata;
  }

  @Get(METADATA_PATH)
  @Header('Access-Control-Allow-Origin', '*')
  @Header('Cache-Control', 'public, max-age=600')
  @Header('Content-Type', 'application/json')
  read(): JsonObject {
    return this.#metadata.whole;
  }

  @Get(`${METADATA_PATH}/*`)
  @Header('Access-Control-Allow-Origin', '*')
  @Header('Cache-Control', 'public, max-age=600')
  @Header('Content-Type', 'application/json')
  readPart(@Req() request: FastifyRequest): JsonObject {
    const document = this.#metadata.ofPart(request.raw.url ?? '');
    if (document === undefined) throw new ProtocolError({ error: 'not_found', status: 404, reason: 'no_route' });
    return document;
  }
}
