import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { JsonObject } from '@uma-federation/uma-core';
import { METADATA } from './injection-tokens.ts';
import { METADATA_PATH } from './protected-resource-metadata.ts';

/** Serves the protected resource metadata (RFC 9728 3); it is public and the same for everybody. */
@Controller()
export class ProtectedResourceMetadataController {
  readonly #metadata: JsonObject;

  constructor(@Inject(METADATA) metadata: JsonObject) {
    this.#metadata = metadata;
  }

  @Get(METADATA_PATH)
  @Header('Access-Control-Allow-Origin', '*')
  @Header('Cache-Control', 'public, max-age=600')
  @Header('Content-Type', 'application/json')
  read(): JsonObject {
    return this.#metadata;
  }
}
