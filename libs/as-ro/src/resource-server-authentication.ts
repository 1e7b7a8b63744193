import type { AccessTokenAuthentication } from '@uma-federation/oauth-server';
import { bearerRefusal, PROTECTION_SCOPE, type ActingResourceServer, type ClientId, type ClientRegistry, type Issuer } from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';

/** Authenticates the RS at the protection API by its PAT (Federated Authorization 1.3, 1.4). */
export class ResourceServerAuthentication {
  readonly #issuer: Issuer;
  readonly #accessTokens: AccessTokenAuthentication;
  readonly #clients: ClientRegistry;

  constructor(issuer: Issuer, accessTokens: AccessTokenAuthentication, clients: ClientRegistry) {
    this.#issuer = issuer;
    this.#accessTokens = accessTokens;
    this.#clients = clients;
  }

  /**
   * The RS whose PAT the request carries: an access token of this server with the scope `uma_protection` (F2 to F4), as Bearer or bound by DPoP.
   * @throws ProtocolError 401 `invalid_token` without a PAT or with an unacceptable one, 403 `insufficient_scope` without the scope (A28)
   *   or when the client is no resource server
   */
  async authenticate(request: FastifyRequest): Promise<ActingResourceServer> {
    const url = `${this.#issuer}${request.raw.url?.split('?', 1)[0] ?? ''}`;
    const { clientId } = await this.#accessTokens.authenticate(request, { url, scope: PROTECTION_SCOPE });
    return this.find(clientId);
  }

  /**
   * The RS that this client is; does not check who asks.
   * @throws ProtocolError 403 `insufficient_scope` when the client is none
   */
  async find(clientId: ClientId): Promise<ActingResourceServer> {
    const registration = (await this.#clients.find(clientId))?.resourceServer;
    if (registration === undefined) throw bearerRefusal('insufficient_scope', 'client_is_no_resource_server');
    return { clientId, registration };
  }
}
