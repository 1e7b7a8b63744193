import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { jsonBody } from '@uma-federation/nest-kit';
import {
  readPermissionRequest,
  requestPermission,
  TOKEN_TYPE_URNS,
  tooManyRequests,
  type JsonObject,
  type RateLimiter,
  type ResourceRegistry,
  type TicketIssuing,
} from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PERMISSION_PATH } from './paths.ts';
import type { ResourceServerAuthentication } from './resource-server-authentication.ts';
import { RESOURCE_SERVERS, TICKET_ISSUING, TICKET_RATE_LIMITER } from './tokens.ts';

/** The permission endpoint (Federated Authorization 4; seed 003 steps 2 and 3). Issuing a ticket writes nothing (Decision D2). */
@Controller(PERMISSION_PATH)
export class PermissionController {
  readonly #servers: ResourceServerAuthentication;
  readonly #deps: TicketIssuing & { readonly resources: ResourceRegistry };
  readonly #limiter: RateLimiter;

  constructor(
    @Inject(RESOURCE_SERVERS) servers: ResourceServerAuthentication,
    @Inject(TICKET_ISSUING) deps: TicketIssuing & { readonly resources: ResourceRegistry },
    @Inject(TICKET_RATE_LIMITER) limiter: RateLimiter,
  ) {
    this.#servers = servers;
    this.#deps = deps;
    this.#limiter = limiter;
  }

  @Post()
  @HttpCode(201)
  async request(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonObject> {
    const server = await this.#servers.authenticate(request);
    const wait = await this.#limiter.take(server.clientId);
    if (wait !== undefined) throw tooManyRequests('tickets_of_resource_server', wait);
    const pair = await requestPermission(readPermissionRequest(jsonBody(request)), server, this.#deps);
    void reply.header('Cache-Control', 'no-store');
    return { ticket: pair.ticket, resource_claims_token: pair.resourceClaimsToken, issued_token_type: TOKEN_TYPE_URNS.jwt };
  }
}
