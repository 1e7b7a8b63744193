import {
  introspectRpt,
  introspectUma1Token,
  readPermissionRequest,
  readResource,
  readResourceDescription,
  registerResource,
  removeResource,
  replaceResource,
  requestPermission,
  resourceDescriptionAnswer,
  TOKEN_TYPE_URNS,
  uma1TokenIntrospection,
  tooManyRequests,
  type ActingResourceServer,
  type Clock,
  type Introspection,
  type Issuer,
  type JsonObject,
  type JsonValue,
  type NewResources,
  type ProtectionApiRequest,
  type RateLimiter,
  type ResourceId,
  type ResourceRegistration,
  type ResourceRegistry,
  type RevocationFeed,
  type TicketIssuing,
  type Uma1Introspection,
} from '@uma-federation/uma-core';
import { OWNER_RESOURCES_PATH } from './paths.ts';

/** What the protection API works with. */
export interface ProtectionApiDependencies {
  readonly issuer: Issuer;
  readonly registration: ResourceRegistration;
  readonly tickets: TicketIssuing & { readonly resources: ResourceRegistry };
  /** Budget of tickets, by RS. */
  readonly ticketLimiter: RateLimiter;
  /** Budget of introspections, by RS (A72). */
  readonly introspectionLimiter: RateLimiter;
  readonly introspection: Introspection;
  /** RPTs of UMA 1.0; absent while that is off. */
  readonly uma1?: Uma1Introspection | undefined;
  readonly revocations: RevocationFeed;
  readonly clock: Clock;
}

/** The answer to registration and replacement. */
export type ResourceIdentity = { readonly _id: ResourceId; readonly user_access_policy_uri: string };

/** The protection API (Federated Authorization 3 to 5) behind both of its doors: the HTTP endpoints and the domain's bus. */
export class ProtectionApi {
  readonly #deps: ProtectionApiDependencies;

  constructor(dependencies: ProtectionApiDependencies) {
    this.#deps = dependencies;
  }

  /**
   * Performs a request of an RS that was authenticated.
   * @returns the body of the successful answer; null where HTTP has none
   * @throws ProtocolError as each operation does
   */
  async perform(request: ProtectionApiRequest, server: ActingResourceServer): Promise<JsonValue> {
    const { registration } = this.#deps;
    switch (request.operation) {
      case 'permission.request':
        return this.#requestPermission(request.body, server);
      case 'rpt.introspect':
        return this.#introspect(request.token, server);
      case 'resource.create':
        return this.create(request.body, server);
      case 'resource.replace':
        return this.#identity((await replaceResource(request.id, readResourceDescription(request.body), server, registration)).id);
      case 'resource.read':
        return resourceDescriptionAnswer(await readResource(request.id, server, registration));
      case 'resource.remove':
        await removeResource(request.id, server, registration);
        return null;
      case 'resource.list':
        return [...(await registration.resources.listIds(server.clientId, server.owner))];
      case 'revocation.read':
        return this.#revocations(request.cursor, server);
    }
  }

  /** Federated Authorization 5. An RPT of UMA 1.0 is told in the form of UMA 2.0 here: resource servers that speak both ask at one place. */
  async #introspect(token: string, server: ActingResourceServer): Promise<JsonObject> {
    const wait = await this.#deps.introspectionLimiter.take(server.clientId);
    if (wait !== undefined) throw tooManyRequests('introspections_of_resource_server', wait);
    const { uma1, introspection, issuer } = this.#deps;
    const old = uma1 === undefined ? undefined : await introspectUma1Token(token, server, uma1);
    return old === undefined ? introspectRpt(token, { ...server.registration, owner: server.owner }, introspection) : uma1TokenIntrospection(old, server, issuer);
  }

  /** Registers a resource. @param registration for who has another way to come to ids and to keep resources */
  async create(body: JsonValue, server: ActingResourceServer, registration: NewResources = this.#deps.registration): Promise<ResourceIdentity> {
    return this.#identity((await registerResource(readResourceDescription(body), server, registration)).id);
  }

  /** Federated Authorization 4; seed 003 steps 2 and 3. Issuing a ticket writes nothing (Decision D2). */
  async #requestPermission(body: JsonValue, server: ActingResourceServer): Promise<JsonObject> {
    const wait = await this.#deps.ticketLimiter.take(server.clientId);
    if (wait !== undefined) throw tooManyRequests('tickets_of_resource_server', wait);
    const pair = await requestPermission(readPermissionRequest(body), server, this.#deps.tickets);
    return { ticket: pair.ticket, resource_claims_token: pair.resourceClaimsToken, issued_token_type: TOKEN_TYPE_URNS.jwt };
  }

  /**
   * RPTs for the asking RS (and the owner whose PAT it has) that ended before their time, a page at a time. An extension for resource servers that validate RPTs themselves
   * (Decision D10; Federated Authorization 5 permits local validation).
   */
  async #revocations(cursor: string | undefined, server: ActingResourceServer): Promise<JsonObject> {
    const page = await this.#deps.revocations.read(server.clientId, cursor, this.#deps.clock.now(), server.owner);
    return { revoked: page.revoked.map(({ tokenId, expiresAt }) => ({ jti: tokenId, exp: expiresAt })), cursor: page.cursor, more: page.more };
  }

  /** Federated Authorization 3.2.1: `user_access_policy_uri` is where the owner sets policy. */
  #identity(id: ResourceId): ResourceIdentity {
    return { _id: id, user_access_policy_uri: `${this.#deps.issuer}${OWNER_RESOURCES_PATH}/${id}` };
  }
}
