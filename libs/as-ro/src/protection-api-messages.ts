import { Controller, Inject, UseFilters } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { PassErrorsFilter, type RequestContext } from '@uma-federation/messaging';
import { onBehalfOf } from '@uma-federation/nest-kit';
import {
  PROTECTION_API_SUCCESS,
  readProtectionApiMessage,
  type ClientId,
  type JsonValue,
  type NewResources,
  type ProtectionApiOperation,
  type Resource,
  type ResourceRegistration,
} from '@uma-federation/uma-core';
import { createHash } from 'node:crypto';
import type { BusRequestLog } from './bus-request-log.ts';
import type { ProtectionApi } from './protection-api.ts';
import type { ResourceServerAuthentication } from './resource-server-authentication.ts';
import { BUS_REQUEST_LOG, PROTECTION_API, RESOURCE_REGISTRATION, RESOURCE_SERVERS } from './tokens.ts';

/**
 * The protection API on the domain's bus. The message names the RS's client, and is believed: only the domain's own services may write there.
 *
 * Of its operations only one may not simply happen again when a message is delivered twice: a registration takes its id from the message, so
 * that the second delivery finds what the first one made.
 */
@Controller()
@UseFilters(new PassErrorsFilter())
export class ProtectionApiMessages {
  readonly #servers: ResourceServerAuthentication;
  readonly #api: ProtectionApi;
  readonly #registration: ResourceRegistration;
  readonly #log: BusRequestLog;

  constructor(
    @Inject(RESOURCE_SERVERS) servers: ResourceServerAuthentication,
    @Inject(PROTECTION_API) api: ProtectionApi,
    @Inject(RESOURCE_REGISTRATION) registration: ResourceRegistration,
    @Inject(BUS_REQUEST_LOG) log: BusRequestLog,
  ) {
    this.#servers = servers;
    this.#api = api;
    this.#registration = registration;
    this.#log = log;
  }

  @MessagePattern(Object.keys(PROTECTION_API_SUCCESS))
  async answer(@Payload() data: unknown, @Ctx() context: RequestContext): Promise<JsonValue> {
    const operation = context.pattern as ProtectionApiOperation;
    const { requestId = context.messageId, traceparent } = context.metadata;
    return onBehalfOf({ requestId, traceparent }, () => this.#log.record(operation, () => this.#perform(operation, data, context.messageId)));
  }

  async #perform(operation: ProtectionApiOperation, data: unknown, messageId: string): Promise<JsonValue> {
    const { clientId, request } = readProtectionApiMessage(operation, data);
    const server = await this.#servers.find(clientId);
    return request.operation === 'resource.create' ? this.#api.create(request.body, server, this.#once(messageId, clientId)) : this.#api.perform(request, server);
  }

  /** Registration under an id of the message and its sender; creating again what is there already is no failure. */
  #once(messageId: string, clientId: ClientId): NewResources {
    const digest = createHash('sha256').update(JSON.stringify([clientId, messageId])).digest();
    const { resources } = this.#registration;
    const create = async (resource: Resource): Promise<void> => {
      try {
        await resources.create(resource);
      } catch (error) {
        const there = await resources.find(resource.id).catch(() => undefined);
        if (there?.resourceServer !== resource.resourceServer) throw error;
      }
    };
    return { ...this.#registration, resources: { create }, randomness: { bytes: (count) => digest.subarray(0, count) } };
  }
}
