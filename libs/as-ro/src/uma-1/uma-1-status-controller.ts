import { Controller, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { formBody, jsonBody } from '@uma-federation/nest-kit';
import { readUma1StatusRequest, type Uma1Version } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UMA_1_STATUS_PATH } from './paths.ts';
import { sendUma1Answer } from './send-uma-1-answer.ts';
import { UMA_1_PROTECTION_API, UMA_1_RESOURCE_SERVERS, UMA_1_VERSION } from './tokens.ts';
import { Uma1ErrorFilter } from './uma-1-error-filter.ts';
import type { Uma1ProtectionApi } from './uma-1-protection-api.ts';
import type { Uma1ResourceServers } from './uma-1-resource-servers.ts';

/** The token status endpoint: of D05 (3.3.1) with a JSON request, of D07 (3.3.2) and 1.0.1 (V101 3.4) as OAuth introspection, with POST only. */
@Controller(UMA_1_STATUS_PATH)
@UseFilters(Uma1ErrorFilter)
export class Uma1StatusController {
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
  async status(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const server = await this.#servers.authenticate(request);
    const token = this.#version === 'draft-05' ? readUma1StatusRequest(jsonBody(request)) : formBody(request).required('token');
    sendUma1Answer(reply, await this.#api.tokenStatus(token, server));
  }
}
