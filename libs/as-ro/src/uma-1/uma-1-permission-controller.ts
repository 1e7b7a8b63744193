import { Controller, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { jsonBody } from '@uma-federation/nest-kit';
import { uma1MediaType, type Uma1Version } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UMA_1_PERMISSION_PATH } from './paths.ts';
import { sendUma1Answer } from './send-uma-1-answer.ts';
import { UMA_1_PROTECTION_API, UMA_1_RESOURCE_SERVERS, UMA_1_VERSION } from './tokens.ts';
import { Uma1ErrorFilter } from './uma-1-error-filter.ts';
import type { Uma1ProtectionApi } from './uma-1-protection-api.ts';
import type { Uma1ResourceServers } from './uma-1-resource-servers.ts';

/** The permission registration endpoint (D05 3.2, D07 3.2, V101 3.2). */
@Controller(UMA_1_PERMISSION_PATH)
@UseFilters(Uma1ErrorFilter)
export class Uma1PermissionController {
  readonly #servers: Uma1ResourceServers;
  readonly #api: Uma1ProtectionApi;
  readonly #version: Uma1Version;

  constructor(
    @Inject(UMA_1_RESOURCE_SERVERS) servers: Uma1ResourceServers,
    @Inject(UMA_1_PROTECTION_API) api: Uma1ProtectionApi,
    @Inject(UMA_1_VERSION) version: Uma1Version,
  ) {
    this.#servers = servers;
    this.#api = api;
    this.#version = version;
  }

  @Post()
  async register(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const server = await this.#servers.authenticate(request);
    const body = jsonBody(request, ['application/json', uma1MediaType('permission', this.#version)]);
    sendUma1Answer(reply, await this.#api.registerPermission(body, server));
  }
}
