import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { jsonBody } from '@uma-federation/nest-kit';
import {
  approveAuthorizationRequest,
  authorizationRequestDocument,
  denyAuthorizationRequest,
  readAuthorizationRequest,
  readRequestApproval,
  shareDocument,
  type JsonObject,
  type RequestDeciding,
  type RequestId,
} from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OwnerAuthentication } from './owner-authentication.ts';
import { OWNER_REQUESTS_PATH } from './paths.ts';
import { OWNER_REQUESTS, OWNERS } from './tokens.ts';

/** Requests that wait for the owner's word (UMA Grant 3.3.6 request_submitted): part of the owner API. */
@Controller(OWNER_REQUESTS_PATH)
export class OwnerRequestsController {
  readonly #owners: OwnerAuthentication;
  readonly #deps: RequestDeciding;

  constructor(@Inject(OWNERS) owners: OwnerAuthentication, @Inject(OWNER_REQUESTS) dependencies: RequestDeciding) {
    this.#owners = owners;
    this.#deps = dependencies;
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const owner = await this.#authenticate(request, reply);
    return { requests: (await this.#deps.requests.listByOwner(owner, this.#deps.clock.now())).map(authorizationRequestDocument) };
  }

  @Get(':id')
  async read(@Req() request: FastifyRequest, @Param('id') id: RequestId, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    return authorizationRequestDocument(await readAuthorizationRequest(id, await this.#authenticate(request, reply), this.#deps));
  }

  @Post(':id/approve')
  @HttpCode(201)
  async approve(@Req() request: FastifyRequest, @Param('id') id: RequestId, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const owner = await this.#authenticate(request, reply);
    const approval = readRequestApproval(request.body === undefined ? {} : jsonBody(request), this.#deps.clock.now());
    return { shares: (await approveAuthorizationRequest(id, owner, approval, this.#deps)).map(shareDocument) };
  }

  @Post(':id/deny')
  @HttpCode(204)
  async deny(@Req() request: FastifyRequest, @Param('id') id: RequestId, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await denyAuthorizationRequest(id, await this.#authenticate(request, reply), this.#deps);
  }

  async #authenticate(request: FastifyRequest, reply: FastifyReply): Promise<string> {
    void reply.header('Cache-Control', 'no-store');
    return this.#owners.authenticate(request);
  }
}
