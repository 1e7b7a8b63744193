import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { formBody } from '@uma-federation/nest-kit';
import type { JsonValue } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { INTROSPECTION_PATH } from './paths.ts';
import type { ProtectionApi } from './protection-api.ts';
import type { ResourceServerAuthentication } from './resource-server-authentication.ts';
import { PROTECTION_API, RESOURCE_SERVERS } from './tokens.ts';

/** The introspection endpoint for RPTs (Federated Authorization 5; RFC 7662). */
@Controller(INTROSPECTION_PATH)
export class IntrospectionController {
  readonly #servers: ResourceServerAuthentication;
  readonly #api: ProtectionApi;

  constructor(@Inject(RESOURCE_SERVERS) servers: ResourceServerAuthentication, @Inject(PROTECTION_API) api: ProtectionApi) {
    this.#servers = servers;
    this.#api = api;
  }

  @Post()
  @HttpCode(200)
  async introspect(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
    const server = await this.#servers.authenticate(request);
    const form = formBody(request);
    // RFC 7662 2.1: the hint may be ignored; every token type is looked for.
    form.single('token_type_hint');
    void reply.header('Cache-Control', 'no-store');
    return this.#api.perform({ operation: 'rpt.introspect', token: form.required('token') }, server);
  }
}
