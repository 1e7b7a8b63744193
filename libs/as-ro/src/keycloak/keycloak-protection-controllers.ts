import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query, Req, Res, type Type } from '@nestjs/common';
import { formBody, jsonBody } from '@uma-federation/nest-kit';
import type { Issuer, JsonValue, ResourceId } from '@uma-federation/uma-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ISSUER } from '../tokens.ts';
import type { KeycloakPaths } from './keycloak-paths.ts';
import type { KeycloakProtection, ResourceQuery } from './keycloak-protection.ts';
import type { KeycloakResourceServers } from './keycloak-resource-servers.ts';

/** Injection tokens of the alias. */
export const KEYCLOAK_PROTECTION = Symbol('KeycloakProtection');
export const KEYCLOAK_RESOURCE_SERVERS = Symbol('KeycloakResourceServers');

/** The resource registration endpoint in Keycloak's dialect. */
export function keycloakResourceController(paths: KeycloakPaths): Type<unknown> {
  @Controller(paths.resources)
  class KeycloakResourceController {
    readonly #issuer: Issuer;
    readonly #servers: KeycloakResourceServers;
    readonly #protection: KeycloakProtection;

    constructor(
      @Inject(ISSUER) issuer: Issuer,
      @Inject(KEYCLOAK_RESOURCE_SERVERS) servers: KeycloakResourceServers,
      @Inject(KEYCLOAK_PROTECTION) protection: KeycloakProtection,
    ) {
      this.#issuer = issuer;
      this.#servers = servers;
      this.#protection = protection;
    }

    @Post()
    @HttpCode(201)
    async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
      const server = await this.#servers.byToken(request);
      const resource = await this.#protection.create(jsonBody(request), server);
      void reply.headers({ Location: `${this.#issuer}${paths.resources}/${resource._id}`, 'Cache-Control': 'no-store' });
      return resource;
    }

    @Get()
    async list(@Req() request: FastifyRequest, @Query() query: ResourceQuery, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
      void reply.header('Cache-Control', 'no-store');
      return this.#protection.list(query, await this.#servers.byToken(request));
    }

    @Get(':id')
    async read(@Req() request: FastifyRequest, @Param('id') id: ResourceId, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
      void reply.header('Cache-Control', 'no-store');
      return this.#protection.read(id, await this.#servers.byToken(request));
    }

    @Put(':id')
    @HttpCode(204)
    async replace(@Req() request: FastifyRequest, @Param('id') id: ResourceId): Promise<void> {
      const server = await this.#servers.byToken(request);
      await this.#protection.replace(id, jsonBody(request), server);
    }

    @Delete(':id')
    @HttpCode(204)
    async remove(@Req() request: FastifyRequest, @Param('id') id: ResourceId): Promise<void> {
      await this.#protection.remove(id, await this.#servers.byToken(request));
    }
  }
  return KeycloakResourceController;
}

/** The permission endpoint and introspection in Keycloak's dialect. */
export function keycloakPermissionController(paths: KeycloakPaths): Type<unknown> {
  @Controller()
  class KeycloakPermissionController {
    readonly #servers: KeycloakResourceServers;
    readonly #protection: KeycloakProtection;

    constructor(@Inject(KEYCLOAK_RESOURCE_SERVERS) servers: KeycloakResourceServers, @Inject(KEYCLOAK_PROTECTION) protection: KeycloakProtection) {
      this.#servers = servers;
      this.#protection = protection;
    }

    @Post(paths.permission)
    @HttpCode(201)
    async request(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
      const server = await this.#servers.byToken(request);
      void reply.header('Cache-Control', 'no-store');
      return this.#protection.requestPermission(jsonBody(request), server);
    }

    @Post(paths.introspection)
    @HttpCode(200)
    async introspect(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<JsonValue> {
      const server = await this.#servers.byTokenOrClient(request);
      const form = formBody(request);
      // RFC 7662 2.1: the hint may be ignored; Keycloak's clients send `requesting_party_token`.
      form.single('token_type_hint');
      void reply.header('Cache-Control', 'no-store');
      return this.#protection.introspect(form.required('token'), server);
    }
  }
  return KeycloakPermissionController;
}
