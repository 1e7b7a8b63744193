import { Controller, Delete, Get, Headers, Inject, Param, Post, Put, Req, Res, UseFilters, type Type } from '@nestjs/common';
import { jsonBody } from '@uma-federation/nest-kit';
import { resourceSetDescriptionAnswer, uma1MediaType, type JsonObject, type Uma1Version } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UMA_1_REGISTRATION_PATH } from './paths.ts';
import { sendUma1Answer } from './send-uma-1-answer.ts';
import { UMA_1_RESOURCE_SERVERS, UMA_1_RESOURCE_SETS, UMA_1_VERSION } from './tokens.ts';
import { Uma1ErrorFilter } from './uma-1-error-filter.ts';
import type { Uma1ResourceServers } from './uma-1-resource-servers.ts';
import type { ResourceSet, Uma1ResourceSets } from './uma-1-resource-sets.ts';

const PATH = `${UMA_1_REGISTRATION_PATH}/resource_set`;
/** Nest drops one slash at the end of a path, so two make one. */
const COLLECTION = ['', '//'];
const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

/** Resource sets as the drafts have them: the host names them, entity tags guard changes (D05 2.4.3, which D07's OAuth-resource-reg repeats). */
@Controller(PATH)
@UseFilters(Uma1ErrorFilter)
class DraftResourceSetController {
  readonly #servers: Uma1ResourceServers;
  readonly #sets: Uma1ResourceSets;
  readonly #version: Uma1Version;

  constructor(
    @Inject(UMA_1_RESOURCE_SERVERS) servers: Uma1ResourceServers,
    @Inject(UMA_1_RESOURCE_SETS) sets: Uma1ResourceSets,
    @Inject(UMA_1_VERSION) version: Uma1Version,
  ) {
    this.#servers = servers;
    this.#sets = sets;
    this.#version = version;
  }

  /** With `If-Match` the description is replaced, without it is created. */
  @Put(':rsid')
  async put(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('rsid') rsid: string, @Headers('if-match') ifMatch: string | undefined): Promise<void> {
    const server = await this.#servers.authenticate(request);
    const body = jsonBody(request, ['application/json', uma1MediaType('resourceSet', this.#version)]);
    if (ifMatch === undefined) {
      const set = await this.#sets.createAs(rsid, body, server);
      this.#send(reply, 201, set, 'status', { status: 'created', _id: set.id, _rev: set.revision, policy_uri: set.policyUri });
    } else {
      const set = await this.#sets.replace(rsid, body, ifMatch, server);
      void reply.status(204).headers({ ...NO_STORE, ETag: `"${set.revision}"` }).send();
    }
  }

  @Get(':rsid')
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('rsid') rsid: string): Promise<void> {
    const set = await this.#sets.read(rsid, await this.#servers.authenticate(request));
    this.#send(reply, 200, set, 'resourceSet', { ...resourceSetDescriptionAnswer(set.resource, set.id), _rev: set.revision, policy_uri: set.policyUri });
  }

  @Delete(':rsid')
  async remove(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('rsid') rsid: string, @Headers('if-match') ifMatch: string | undefined): Promise<void> {
    await this.#sets.remove(rsid, ifMatch, await this.#servers.authenticate(request));
    void reply.status(204).headers(NO_STORE).send();
  }

  @Get(COLLECTION)
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendUma1Answer(reply, await listAnswer(this.#sets, this.#servers, request));
  }

  #send(reply: FastifyReply, status: number, set: ResourceSet, kind: 'status' | 'resourceSet', body: JsonObject): void {
    sendUma1Answer(reply, { status, headers: { ...NO_STORE, ETag: `"${set.revision}"` }, mediaType: uma1MediaType(kind, this.#version), body });
  }
}

/** Resource sets as 1.0.1 has them: nearly those of UMA 2.0 (OAuth-resource-reg 1.0.1 section 2.2). */
@Controller(PATH)
@UseFilters(Uma1ErrorFilter)
class ResourceSetController {
  readonly #servers: Uma1ResourceServers;
  readonly #sets: Uma1ResourceSets;

  constructor(@Inject(UMA_1_RESOURCE_SERVERS) servers: Uma1ResourceServers, @Inject(UMA_1_RESOURCE_SETS) sets: Uma1ResourceSets) {
    this.#servers = servers;
    this.#sets = sets;
  }

  @Post(COLLECTION)
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const server = await this.#servers.authenticate(request);
    const set = await this.#sets.create(jsonBody(request), server);
    send(reply, 201, { _id: set.id, user_access_policy_uri: set.policyUri }, { Location: `${PATH}/${set.id}` });
  }

  @Get(':rsid')
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('rsid') rsid: string): Promise<void> {
    const set = await this.#sets.read(rsid, await this.#servers.authenticate(request));
    send(reply, 200, { ...resourceSetDescriptionAnswer(set.resource, set.id), user_access_policy_uri: set.policyUri });
  }

  @Put(':rsid')
  async replace(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('rsid') rsid: string): Promise<void> {
    const server = await this.#servers.authenticate(request);
    const set = await this.#sets.replace(rsid, jsonBody(request), undefined, server);
    send(reply, 200, { _id: set.id, user_access_policy_uri: set.policyUri });
  }

  @Delete(':rsid')
  async remove(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('rsid') rsid: string): Promise<void> {
    await this.#sets.remove(rsid, undefined, await this.#servers.authenticate(request));
    void reply.status(204).headers(NO_STORE).send();
  }

  @Get(COLLECTION)
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    sendUma1Answer(reply, await listAnswer(this.#sets, this.#servers, request));
  }
}

/** The controller of the resource set registration API in this version. */
export function uma1ResourceSetController(version: Uma1Version): Type<unknown> {
  return version === '1.0.1' ? ResourceSetController : DraftResourceSetController;
}

async function listAnswer(sets: Uma1ResourceSets, servers: Uma1ResourceServers, request: FastifyRequest) {
  const body = await sets.list(await servers.authenticate(request));
  return { status: 200, headers: NO_STORE, mediaType: 'application/json', body };
}

function send(reply: FastifyReply, status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}): void {
  sendUma1Answer(reply, { status, headers: { ...NO_STORE, ...headers }, mediaType: 'application/json', body });
}
