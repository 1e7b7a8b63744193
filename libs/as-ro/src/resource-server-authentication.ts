import type { AccessTokenAuthentication } from '@uma-federation/oauth-server';
import {
  bearerRefusal,
  PROTECTION_SCOPE,
  type AccessToken,
  type ActingResourceServer,
  type ClientId,
  type ClientRegistry,
  type ConsentId,
  type Issuer,
  type ResourceServerConsents,
} from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';

/** Authenticates the RS at the protection API by its PAT (Federated Authorization 1.3, 1.4). */
export class ResourceServerAuthentication {
  readonly #issuer: Issuer;
  readonly #accessTokens: AccessTokenAuthentication;
  readonly #clients: ClientRegistry;
  readonly #consents: ResourceServerConsents;

  constructor(issuer: Issuer, accessTokens: AccessTokenAuthentication, clients: ClientRegistry, consents: ResourceServerConsents) {
    this.#issuer = issuer;
    this.#accessTokens = accessTokens;
    this.#clients = clients;
    this.#consents = consents;
  }

  /**
   * The RS whose PAT the request carries: an access token of this server with the scope `uma_protection` (F2 to F4), as Bearer or bound by DPoP.
   * With a person's PAT it acts for that owner alone (F5), and only while the owner's consent holds: that is looked up each time.
   * @throws ProtocolError 401 `invalid_token` without a PAT or with an unacceptable one, 403 `insufficient_scope` without the scope (A28)
   *   or when the client is no resource server
   */
  async authenticate(request: FastifyRequest): Promise<ActingResourceServer> {
    const url = `${this.#issuer}${request.raw.url?.split('?', 1)[0] ?? ''}`;
    const token = await this.#accessTokens.authenticate(request, { url, scope: PROTECTION_SCOPE });
    const server = await this.find(token.clientId);
    return token.consent === undefined ? server : { ...server, owner: await this.#ownerOf(token, token.consent) };
  }

  async #ownerOf({ subject: owner, clientId: resourceServer }: AccessToken, id: ConsentId): Promise<string> {
    if (!(await this.#consents.holds({ id, owner, resourceServer }))) throw bearerRefusal('invalid_token', 'owner_has_ended_the_consent');
    return owner;
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
