import { Controller, Delete, Get, HttpCode, Inject, Param, Req, Res } from '@nestjs/common';
import { notFound, persistedClaimsDocument, type Clock, type JsonObject, type PersistedClaimsStore } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OwnResourceAuthentication } from './own-resource-authentication.ts';
import { PERSISTED_CLAIMS_PATH } from './paths.ts';
import { OWN_RESOURCES, PERSISTED_CLAIMS } from './tokens.ts';

/** What the controller works with. */
export interface PersistedClaimsAccess {
  readonly store: PersistedClaimsStore;
  readonly clock: Clock;
}

/** What this server remembers about the person who asks: to see and to erase. UMA-protected by the server itself. */
@Controller(PERSISTED_CLAIMS_PATH)
export class PersistedClaimsController {
  readonly #own: OwnResourceAuthentication;
  readonly #access: PersistedClaimsAccess;

  constructor(@Inject(OWN_RESOURCES) own: OwnResourceAuthentication, @Inject(PERSISTED_CLAIMS) access: PersistedClaimsAccess) {
    this.#own = own;
    this.#access = access;
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const email = await this.#person(request, reply);
    return { persisted_claims: (await this.#access.store.listByPerson(email, this.#access.clock.now())).map(persistedClaimsDocument) };
  }

  @Delete()
  @HttpCode(204)
  async eraseAll(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.#access.store.erase(await this.#person(request, reply));
  }

  @Delete(':id')
  @HttpCode(204)
  async erase(@Req() request: FastifyRequest, @Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    if ((await this.#access.store.erase(await this.#person(request, reply), id)) === 0) throw notFound('persisted_claims_unknown_to_this_person');
  }

  async #person(request: FastifyRequest, reply: FastifyReply): Promise<string> {
    void reply.header('Cache-Control', 'no-store');
    return (await this.#own.authenticate(request, 'persisted-claims')).subject;
  }
}
