import { bearerRefusal, type ActingResourceServer, type ClientRegistry } from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';
import type { ResourceServerAuthentication } from '../resource-server-authentication.ts';

/** Authenticates requests to the protection API of UMA 1.0: the PAT is that of UMA 2.0, and the RS is marked. */
export class Uma1ResourceServers {
  readonly #servers: ResourceServerAuthentication;
  readonly #clients: ClientRegistry;

  constructor(servers: ResourceServerAuthentication, clients: ClientRegistry) {
    this.#servers = servers;
    this.#clients = clients;
  }

  /**
   * The RS that asks.
   * @throws ProtocolError 401 `invalid_token`, 403 `insufficient_scope` as for UMA 2.0, and for an RS that is not marked for UMA 1.0
   */
  async authenticate(request: FastifyRequest): Promise<ActingResourceServer> {
    const server = await this.#servers.authenticate(request);
    const registration = await this.#clients.find(server.clientId);
    if (registration?.dialects?.includes('uma-1') !== true) throw bearerRefusal('insufficient_scope', 'resource_server_is_not_marked_for_uma_1');
    return server;
  }
}
