import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { jsonBody } from '@uma-federation/nest-kit';
import type { JsonValue } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PERMISSION_PATH } from './paths.ts';
import type { ProtectionApi } from './protection-api.ts';
import type { ResourceServerAuthentication } from './resource-server-authentication.ts';
import { PROTECTION_API, RESOURCE_SERVERS } from './tokens.ts';

/** The permission endpoint (Federated Authorization 4). */
@Controller(PERMISSION_PATH)
export class PermissionController {
  readonly #servers: ResourceServerAuthentication;
  readonly #api: ProtectionApi;

  constructor(@Inject(RESOURCE_SERVERS) servers: ResourceServerAuthentication, @Inject(PROTECTION_API) api: ProtectionApi) {
    this.#servers = servers;
    this.#api = api;
  }

  @Post()
  @HttpCode(201)
  async request(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
    const server = await this.#servers.authenticate(request);
    void reply.header('Cache-Control', 'no-store');
    return this.#api.perform({ operation: 'permission.request', body: jsonBody(request) }, server);
  }
}
