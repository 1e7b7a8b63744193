import { Controller, Inject, Post, Req, Res, UseFilters, type Type } from '@nestjs/common';
import { jsonBody } from '@uma-federation/nest-kit';
import { invalidRequest, type Uma1Version } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UMA_1_AUTHORIZATION_PATH, UMA_1_RPT_PATH } from './paths.ts';
import { sendUma1Answer } from './send-uma-1-answer.ts';
import { UMA_1_AUTHORIZATION_API, UMA_1_CLIENTS } from './tokens.ts';
import type { Uma1AuthorizationApi } from './uma-1-authorization-api.ts';
import type { Uma1Clients } from './uma-1-clients.ts';
import { Uma1ErrorFilter } from './uma-1-error-filter.ts';

/** The RPT endpoint of the drafts (D05 3.4.4, D07 3.4.1): a request without content. */
@Controller(UMA_1_RPT_PATH)
@UseFilters(Uma1ErrorFilter)
class RptController {
  readonly #clients: Uma1Clients;
  readonly #api: Uma1AuthorizationApi;

  constructor(@Inject(UMA_1_CLIENTS) clients: Uma1Clients, @Inject(UMA_1_AUTHORIZATION_API) api: Uma1AuthorizationApi) {
    this.#clients = clients;
    this.#api = api;
  }

  @Post()
  async issue(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const caller = await this.#clients.authenticate(request);
    if (request.body !== undefined && request.body !== null) throw invalidRequest('uma_1_rpt_request_with_content');
    sendUma1Answer(reply, await this.#api.issue(caller));
  }
}

/** The permission request endpoint of D05 (3.4.5), authorization request endpoint of D07 (3.4.2), and RPT endpoint of 1.0.1 (V101 3.5). */
function authorizationController(path: string): Type<unknown> {
  @Controller(path)
  @UseFilters(Uma1ErrorFilter)
  class AuthorizationController {
    readonly #clients: Uma1Clients;
    readonly #api: Uma1AuthorizationApi;

    constructor(@Inject(UMA_1_CLIENTS) clients: Uma1Clients, @Inject(UMA_1_AUTHORIZATION_API) api: Uma1AuthorizationApi) {
      this.#clients = clients;
      this.#api = api;
    }

    @Post()
    async authorize(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
      const caller = await this.#clients.authenticate(request);
      sendUma1Answer(reply, await this.#api.authorize(caller, jsonBody(request), request.id));
    }
  }
  return AuthorizationController;
}

/** The controllers of the authorization API in this version. */
export function uma1AuthorizationControllers(version: Uma1Version): readonly Type<unknown>[] {
  return version === '1.0.1' ? [authorizationController(UMA_1_RPT_PATH)] : [RptController, authorizationController(UMA_1_AUTHORIZATION_PATH)];
}
