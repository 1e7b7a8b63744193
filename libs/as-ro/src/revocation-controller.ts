import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { Clock, JsonObject, RevocationFeed } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { REVOCATIONS_PATH } from './paths.ts';
import type { ResourceServerAuthentication } from './resource-server-authentication.ts';
import { RESOURCE_SERVERS, REVOCATIONS } from './tokens.ts';

/**
 * The revocation feed: RPTs for the asking RS that ended before their time, a page at a time. An extension of the protection API for resource
 * servers that validate RPTs themselves (Decision D10; Federated Authorization 5 permits local validation).
 */
@Controller(REVOCATIONS_PATH)
export class RevocationController {
  readonly #servers: ResourceServerAuthentication;
  readonly #deps: { readonly revocations: RevocationFeed; readonly clock: Clock };

  constructor(
    @Inject(RESOURCE_SERVERS) servers: ResourceServerAuthentication,
    @Inject(REVOCATIONS) deps: { readonly revocations: RevocationFeed; readonly clock: Clock },
  ) {
    this.#servers = servers;
    this.#deps = deps;
  }

  @Get()
  async read(@Req() request: FastifyRequest, @Query('cursor') cursor: unknown, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const server = await this.#servers.authenticate(request);
    const page = await this.#deps.revocations.read(server.clientId, typeof cursor === 'string' ? cursor : undefined, this.#deps.clock.now());
    void reply.header('Cache-Control', 'no-store');
    return { revoked: page.revoked.map(({ tokenId, expiresAt }) => ({ jti: tokenId, exp: expiresAt })), cursor: page.cursor, more: page.more };
  }
}
