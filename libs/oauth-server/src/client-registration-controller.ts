import { Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, Put, Req, type Type } from '@nestjs/common';
import type { JsonObject } from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';
import type { ClientRegistrationEndpoint } from './client-registration-endpoint.ts';

/** Injection token of the module's `ClientRegistrationEndpoint`. */
export const CLIENT_REGISTRATION_ENDPOINT = Symbol('ClientRegistrationEndpoint');

/**
 * The Nest controller of client registration; the module provides `CLIENT_REGISTRATION_ENDPOINT`.
 * @param path for example `/register`; clients are managed one level below
 */
export function clientRegistrationController(path: string): Type<unknown> {
  @Controller(path)
  class ClientRegistrationController {
    readonly #endpoint: ClientRegistrationEndpoint;

    constructor(@Inject(CLIENT_REGISTRATION_ENDPOINT) endpoint: ClientRegistrationEndpoint) {
      this.#endpoint = endpoint;
    }

    // RFC 7591 3.2.1: 201, "Cache-Control: no-store" and "Pragma: no-cache".
    @Post()
    @HttpCode(201)
    @Header('Cache-Control', 'no-store')
    @Header('Pragma', 'no-cache')
    register(@Req() request: FastifyRequest): Promise<JsonObject> {
      return this.#endpoint.register(request);
    }

    @Get(':clientId')
    @Header('Cache-Control', 'no-store')
    @Header('Pragma', 'no-cache')
    read(@Req() request: FastifyRequest, @Param('clientId') clientId: string): Promise<JsonObject> {
      return this.#endpoint.read(request, clientId);
    }

    @Put(':clientId')
    @Header('Cache-Control', 'no-store')
    @Header('Pragma', 'no-cache')
    replace(@Req() request: FastifyRequest, @Param('clientId') clientId: string): Promise<JsonObject> {
      return this.#endpoint.replace(request, clientId);
    }

    @Delete(':clientId')
    @HttpCode(204)
    @Header('Cache-Control', 'no-store')
    @Header('Pragma', 'no-cache')
    remove(@Req() request: FastifyRequest, @Param('clientId') clientId: string): Promise<void> {
      return this.#endpoint.remove(request, clientId);
    }
  }
  return ClientRegistrationController;
}
