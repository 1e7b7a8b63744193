import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { JsonValue } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { REVOCATIONS_PATH } from './paths.ts';
import type { ProtectionApi } from './protection-api.ts';
import type { ResourceServerAuthentication } from './resource-server-authentication.ts';
import { PROTECTION_API, RESOURCE_SERVERS } from './tokens.ts';

/** The revocation feed, an extension of the protection API. */
@Controller(REVOCATIONS_PATH)
export class RevocationController {
  readonly #servers: ResourceServerAuthentication;
  readonly #api: ProtectionApi;

  constructor(@Inject(RESOURCE_SERVERS) servers: ResourceServerAuthentication, @Inject(PROTECTION_API) api: ProtectionApi) {
    this.#servers = servers;
    this.#api = api;
  }

  @Get()
  async read(@Req() request: FastifyRequest, @Query('cursor') cursor: unknown, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
    const server = await this.#servers.authenticate(request);
    void reply.header('Cache-Control', 'no-store');
    return this.#api.perform({ operation: 'revocation.read', cursor: typeof cursor === 'string' ? cursor : undefined }, server);
  }
}
