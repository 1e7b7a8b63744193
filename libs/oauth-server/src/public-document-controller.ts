import { Controller, Get, Header, type Type } from '@nestjs/common';

/** A JSON document that anybody may read: metadata, keys. */
export interface PublicDocument {
  readonly paths: readonly string[];
  /** How long others may keep it. */
  readonly maxAgeSeconds: number;
  /** Default `application/json`. */
  readonly mediaType?: string | undefined;
  /** The document as it is now. */
  read(): object | Promise<object>;
}

/**
 * A Nest controller that serves a public document by GET (and HEAD), readable from every origin.
 * @param document for example a JWK Set at `/jwks`
 */
export function publicDocumentController(document: PublicDocument): Type<unknown> {
  @Controller()
  class PublicDocumentController {
    @Get([...document.paths])
    @Header('Cache-Control', `public, max-age=${document.maxAgeSeconds}`)
    @Header('Access-Control-Allow-Origin', '*')
    @Header('Content-Type', document.mediaType ?? 'application/json')
    async read(): Promise<object> {
      return await document.read();
    }
  }
  return PublicDocumentController;
}
