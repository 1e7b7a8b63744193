import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Req, Res } from '@nestjs/common';
import { jsonBody } from '@uma-federation/nest-kit';
import {
  readResource,
  readResourceDescription,
  registerResource,
  removeResource,
  replaceResource,
  resourceDescriptionAnswer,
  type Issuer,
  type JsonObject,
  type ResourceId,
  type ResourceRegistration,
} from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OWNER_RESOURCES_PATH, RESOURCE_REGISTRATION_PATH } from './paths.ts';
import type { ResourceServerAuthentication } from './resource-server-authentication.ts';
import { ISSUER, RESOURCE_REGISTRATION, RESOURCE_SERVERS } from './tokens.ts';

/** Federated Authorization 3.2 spells create and list `rreguri/`. Nest drops one slash at the end of a path, so two make one. */
const COLLECTION = ['', '//'];

/** The resource registration endpoint: five operations of an RS on its own resources (Federated Authorization 3.2; F8 to F14). */
@Controller(RESOURCE_REGISTRATION_PATH)
export class ResourceController {
  readonly #issuer: Issuer;
  readonly #servers: ResourceServerAuthentication;
  readonly #deps: ResourceRegistration;

  constructor(
    @Inject(ISSUER) issuer: Issuer,
    @Inject(RESOURCE_SERVERS) servers: ResourceServerAuthentication,
    @Inject(RESOURCE_REGISTRATION) deps: ResourceRegistration,
  ) {
    this.#issuer = issuer;
    this.#servers = servers;
    this.#deps = deps;
  }

  @Post(COLLECTION)
  @HttpCode(201)
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const server = await this.#servers.authenticate(request);
    const resource = await registerResource(readResourceDescription(jsonBody(request)), server, this.#deps);
    void reply.headers({ Location: `${this.#issuer}${RESOURCE_REGISTRATION_PATH}/${resource.id}`, 'Cache-Control': 'no-store' });
    return this.#identity(resource.id);
  }

  @Get(COLLECTION)
  async list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<readonly string[]> {
    const server = await this.#servers.authenticate(request);
    void reply.header('Cache-Control', 'no-store');
    return this.#deps.resources.listIds(server.clientId);
  }

  @Get(':id')
  async read(@Req() request: FastifyRequest, @Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const server = await this.#servers.authenticate(request);
    void reply.header('Cache-Control', 'no-store');
    return resourceDescriptionAnswer(await readResource(id as ResourceId, server, this.#deps));
  }

  @Put(':id')
  async replace(@Req() request: FastifyRequest, @Param('id') id: string): Promise<JsonObject> {
    const server = await this.#servers.authenticate(request);
    const resource = await replaceResource(id as ResourceId, readResourceDescription(jsonBody(request)), server, this.#deps);
    return this.#identity(resource.id);
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Req() request: FastifyRequest, @Param('id') id: string): Promise<void> {
    await removeResource(id as ResourceId, await this.#servers.authenticate(request), this.#deps);
  }

  /** Federated Authorization 3.2.1: `user_access_policy_uri` is where the owner sets policy. */
  #identity(id: ResourceId): JsonObject {
    return { _id: id, user_access_policy_uri: `${this.#issuer}${OWNER_RESOURCES_PATH}/${id}` };
  }
}
