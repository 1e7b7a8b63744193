import { Controller, Header, Inject, Post, Req, Res, type Type } from '@nestjs/common';
import type { JsonValue } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TokenEndpoint } from './token-endpoint.ts';

/** Injection token of the module's `TokenEndpoint`. */
export const TOKEN_ENDPOINT = Symbol('TokenEndpoint');

/**
 * The Nest controller of a token endpoint; the module provides `TOKEN_ENDPOINT`.
 * @param path for example `/token`
 */
export function tokenController(path: string): Type<unknown> {
  @Controller()
  class TokenController {
    readonly #endpoint: TokenEndpoint;

    constructor(@Inject(TOKEN_ENDPOINT) endpoint: TokenEndpoint) {
      this.#endpoint = endpoint;
    }

    // RFC 6749 5.1: "Cache-Control" with "no-store" and "Pragma" with "no-cache" (T20).
    @Post(path)
    @Header('Cache-Control', 'no-store')
    @Header('Pragma', 'no-cache')
    async token(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
      const { status, body } = await this.#endpoint.handle(request);
      void reply.status(status);
      return body;
    }
  }
  return TokenController;
}
