import { Controller, Header, HttpCode, Inject, Options, Post, Req, Res, type Type } from '@nestjs/common';
import type { TokenEndpoint } from '@uma-federation/oauth-server';
import { notFound, type JsonValue } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KeycloakPaths } from './keycloak-paths.ts';

/** Injection token of the alias's `TokenEndpoint`. */
export const KEYCLOAK_TOKEN_ENDPOINT = Symbol('KeycloakTokenEndpoint');

const PREFLIGHT_SECONDS = '600';

/**
 * The token endpoint in Keycloak's dialect. Browsers may call it from the configured origins only (Fetch 3.2): without cookies, so that an
 * origin can do no more than whoever has the token.
 */
export function keycloakTokenController(paths: KeycloakPaths, allowedOrigins: readonly string[]): Type<unknown> {
  @Controller(paths.token)
  class KeycloakTokenController {
    readonly #endpoint: TokenEndpoint;

    constructor(@Inject(KEYCLOAK_TOKEN_ENDPOINT) endpoint: TokenEndpoint) {
      this.#endpoint = endpoint;
    }

    @Post()
    @Header('Cache-Control', 'no-store')
    @Header('Pragma', 'no-cache')
    async token(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
      admitOrigin(request, reply);
      const { status, body } = await this.#endpoint.handle(request);
      void reply.status(status);
      return body;
    }

    @Options()
    @HttpCode(204)
    preflight(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): void {
      if (!admitOrigin(request, reply)) throw notFound('origin_not_allowed');
      void reply.headers({
        'Access-Control-Allow-Methods': 'POST',
        'Access-Control-Allow-Headers': 'authorization, content-type, dpop',
        'Access-Control-Max-Age': PREFLIGHT_SECONDS,
      });
    }
  }

  function admitOrigin({ headers }: FastifyRequest, reply: FastifyReply): boolean {
    if (allowedOrigins.length > 0) void reply.header('Vary', 'Origin');
    const { origin } = headers;
    if (origin === undefined || !allowedOrigins.includes(origin)) return false;
    void reply.header('Access-Control-Allow-Origin', origin);
    return true;
  }

  return KeycloakTokenController;
}
