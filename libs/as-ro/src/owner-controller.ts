import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { jsonBody } from '@uma-federation/nest-kit';
import {
  notFound,
  readShareDraft,
  resourceDescriptionAnswer,
  shareDocument,
  shareResource,
  withdrawShare,
  type JsonObject,
  type Resource,
  type ResourceId,
  type ResourceRegistry,
  type ShareId,
  type Sharing,
} from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ownerApiDocument } from './owner-api-document.ts';
import type { OwnerAuthentication } from './owner-authentication.ts';
import { OWNER_PATH } from './paths.ts';
import { ISSUER, OWNERS, SHARING } from './tokens.ts';

/** The owner API: an owner sees their resources and creates, lists and removes shares. Everything else does not exist for them. */
@Controller(OWNER_PATH)
export class OwnerController {
  readonly #issuer: string;
  readonly #owners: OwnerAuthentication;
  readonly #deps: Sharing & { readonly resources: ResourceRegistry };

  constructor(
    @Inject(ISSUER) issuer: string,
    @Inject(OWNERS) owners: OwnerAuthentication,
    @Inject(SHARING) deps: Sharing & { readonly resources: ResourceRegistry },
  ) {
    this.#issuer = issuer;
    this.#owners = owners;
    this.#deps = deps;
  }

  @Get('openapi.json')
  document(@Res({ passthrough: true }) reply: FastifyReply): JsonObject {
    void reply.header('Cache-Control', 'public, max-age=300');
    return ownerApiDocument(`${this.#issuer}${OWNER_PATH}`);
  }

  @Get('resources')
  async resources(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const owner = await this.#authenticate(request, reply);
    return { resources: (await this.#deps.resources.listByOwner(owner)).map(ownersView) };
  }

  @Get('resources/:id')
  async resource(@Req() request: FastifyRequest, @Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const owner = await this.#authenticate(request, reply);
    const resource = await this.#deps.resources.find(id as ResourceId);
    if (resource === undefined || resource.owner !== owner) throw notFound('resource_unknown_to_this_owner');
    const shares = await this.#deps.shares.findByResources([resource.id]);
    return { ...ownersView(resource), shares: shares.filter((share) => share.owner === owner).map(shareDocument) };
  }

  @Get('shares')
  async shares(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const owner = await this.#authenticate(request, reply);
    return { shares: (await this.#deps.shares.listByOwner(owner)).map(shareDocument) };
  }

  @Post('shares')
  @HttpCode(201)
  async share(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const owner = await this.#authenticate(request, reply);
    const share = await shareResource(readShareDraft(jsonBody(request), this.#deps.clock.now()), owner, this.#deps);
    void reply.header('Location', `${this.#issuer}${OWNER_PATH}/shares/${share.id}`);
    return shareDocument(share);
  }

  @Get('shares/:id')
  async readShare(@Req() request: FastifyRequest, @Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const owner = await this.#authenticate(request, reply);
    const share = (await this.#deps.shares.listByOwner(owner)).find((candidate) => candidate.id === id);
    if (share === undefined) throw notFound('share_unknown_to_this_owner');
    return shareDocument(share);
  }

  @Delete('shares/:id')
  @HttpCode(204)
  async withdraw(@Req() request: FastifyRequest, @Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await withdrawShare(id as ShareId, await this.#authenticate(request, reply), this.#deps);
  }

  async #authenticate(request: FastifyRequest, reply: FastifyReply): Promise<string> {
    void reply.header('Cache-Control', 'no-store');
    return this.#owners.authenticate(request);
  }
}

/** A resource as its owner sees it. */
function ownersView(resource: Resource): JsonObject {
  return { ...resourceDescriptionAnswer(resource), resource_server: resource.resourceServer };
}
