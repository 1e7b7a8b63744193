import { Controller, Delete, Get, HttpCode, Inject, Param, Put, Req, Res } from '@nestjs/common';
import {
  freshConsentId,
  notFound,
  resourceServerDocument,
  type ClientId,
  type ClientRegistry,
  type Clock,
  type JsonObject,
  type Randomness,
  type ResourceServerConsent,
  type ResourceServerConsents,
} from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OwnerAuthentication } from './owner-authentication.ts';
import { OWNER_RESOURCE_SERVERS_PATH } from './paths.ts';
import { CONSENTS, OWNERS } from './tokens.ts';

/** What the owner's view of resource servers needs. */
export interface ConsentKeeping {
  readonly consents: ResourceServerConsents;
  readonly clients: ClientRegistry;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

/**
 * The part of the owner API about resource servers: an owner sees which ones act, or acted, for them by a PAT of a person, ends one and allows it
 * again. An RS that acts for the organisation (client credentials) is not the owner's to end.
 */
@Controller(OWNER_RESOURCE_SERVERS_PATH)
export class OwnerResourceServersController {
  readonly #owners: OwnerAuthentication;
  readonly #deps: ConsentKeeping;

  constructor(@Inject(OWNERS) owners: OwnerAuthentication, @Inject(CONSENTS) deps: ConsentKeeping) {
    this.#owners = owners;
    this.#deps = deps;
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const owner = await this.#authenticate(request, reply);
    const consents = await this.#deps.consents.listByOwner(owner);
    return { resource_servers: await Promise.all(consents.map((consent) => this.#document(consent))) };
  }

  /** Its PATs and refresh tokens of this owner are dead when this has been answered. */
  @Delete(':id')
  @HttpCode(204)
  async end(@Req() request: FastifyRequest, @Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const owner = await this.#authenticate(request, reply);
    if (!(await this.#deps.consents.end(owner, id as ClientId, this.#deps.clock.now()))) throw notFound('resource_server_unknown_to_this_owner');
  }

  /** Nothing else makes an ended consent good again: the owner's next sign-in at that RS does not. */
  @Put(':id')
  async allow(@Req() request: FastifyRequest, @Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const owner = await this.#authenticate(request, reply);
    const consent = await this.#deps.consents.allow(owner, id as ClientId, freshConsentId(this.#deps), this.#deps.clock.now());
    if (consent === undefined) throw notFound('resource_server_unknown_to_this_owner');
    return this.#document(consent);
  }

  async #document(consent: ResourceServerConsent): Promise<JsonObject> {
    const client = await this.#deps.clients.find(consent.resourceServer);
    return resourceServerDocument(consent, client?.clientName);
  }

  async #authenticate(request: FastifyRequest, reply: FastifyReply): Promise<string> {
    void reply.header('Cache-Control', 'no-store');
    return this.#owners.authenticate(request);
  }
}
