import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import { jsonBody } from '@uma-federation/nest-kit';
import type { Issuer, JsonValue, ProtectionApiRequest, ResourceId } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RESOURCE_REGISTRATION_PATH } from './paths.ts';
import type { ProtectionApi } from './protection-api.ts';
import type { ResourceServerAuthentication } from './resource-server-authentication.ts';
import { ISSUER, PROTECTION_API, RESOURCE_SERVERS } from './tokens.ts';

/** Federated Authorization 3.2 spells create and list `rreguri/`. Nest drops one slash at the end of a path, so two make one. */
const COLLECTION = ['', '//'];

/** The resource registration endpoint: five operations of an RS on its own resources (Federated Authorization 3.2; F8 to F14). */
@Controller(RESOURCE_REGISTRATION_PATH)
export class ResourceController {
  readonly #issuer: Issuer;
  readonly #servers: ResourceServerAuthentication;
  readonly #api: ProtectionApi;

  constructor(
    @Inject(ISSUER) issuer: Issuer,
    @Inject(RESOURCE_SERVERS) servers: ResourceServerAuthentication,
    @Inject(PROTECTION_API) api: ProtectionApi,
  ) {
    this.#issuer = issuer;
    this.#servers = servers;
    this.#api = api;
  }

  @Post(COLLECTION)
  @HttpCode(201)
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
    const server = await this.#servers.authenticate(request);
    const answer = await this.#api.create(jsonBody(request), server);
    void reply.headers({ Location: `${this.#issuer}${RESOURCE_REGISTRATION_PATH}/${answer._id}`, 'Cache-Control': 'no-store' });
    return answer;
  }

  @Get(COLLECTION)
  async list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
    void reply.header('Cache-Control', 'no-store');
    return this.#perform(request, () => ({ operation: 'resource.list' }));
  }

  @Get(':id')
  async read(@Req() request: FastifyRequest, @Param('id') id: ResourceId, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
    void reply.header('Cache-Control', 'no-store');
    return this.#perform(request, () => ({ operation: 'resource.read', id }));
  }

  @Put(':id')
  async replace(@Req() request: FastifyRequest, @Param('id') id: ResourceId): Promise<JsonValue> {
    return this.#perform(request, () => ({ operation: 'resource.replace', id, body: jsonBody(request) }));
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Req() request: FastifyRequest, @Param('id') id: ResourceId): Promise<void> {
    await this.#perform(request, () => ({ operation: 'resource.remove', id }));
  }

  async #perform(request: FastifyRequest, read: () => ProtectionApiRequest): Promise<JsonValue> {
    const server = await this.#servers.authenticate(request);
    return this.#api.perform(read(), server);
  }
}
