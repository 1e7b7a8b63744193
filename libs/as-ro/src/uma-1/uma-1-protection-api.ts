import {
  encodeBase64Url,
  introspectUma1Token,
  readUma1Permission,
  uma1MediaType,
  tooManyRequests,
  uma1TokenStatus,
  type ActingResourceServer,
  type Issuer,
  type JsonValue,
  resourceSetNames,
  type Randomness,
  type RateLimiter,
  type Uma1Answer,
  type Uma1Introspection,
  type Uma1Version,
} from '@uma-federation/uma-core';
import type { ProtectionApi } from '../protection-api.ts';
import { UMA_1_PERMISSION_PATH } from './paths.ts';

/** What the protection API of UMA 1.0 works with. */
export interface Uma1ProtectionApiParts {
  readonly issuer: Issuer;
  readonly version: Uma1Version;
  /** That of UMA 2.0, which does the work. */
  readonly api: ProtectionApi;
  readonly introspection: Uma1Introspection;
  readonly randomness: Randomness;
  /** Budget of introspections, by RS (A72). */
  readonly introspectionLimiter: RateLimiter;
}

const NO_STORE = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };
const LOCATION_BYTES = 16;

/** The protection API of UMA 1.0 in front of the house's own: other names for the same things. */
export class Uma1ProtectionApi {
  readonly #parts: Uma1ProtectionApiParts;

  constructor(parts: Uma1ProtectionApiParts) {
    this.#parts = parts;
  }

  /** Registers a permission (D05 3.2, D07 3.2, V101 3.2): an ordinary ticket, without the resource claims token. */
  async registerPermission(body: JsonValue, server: ActingResourceServer): Promise<Uma1Answer> {
    const { version, api, issuer, randomness } = this.#parts;
    const request = readUma1Permission(body, await this.#names(server));
    const answer = await api.perform({ operation: 'permission.request', body: request }, server);
    const { ticket } = answer as { readonly ticket: string };
    // "includes the Location header in its response". A ticket costs no write and is no web resource (Decision D2): the URL is a name and nothing more.
    const location = `${issuer}${UMA_1_PERMISSION_PATH}/${encodeBase64Url(randomness.bytes(LOCATION_BYTES))}`;
    const headers = version === '1.0.1' ? NO_STORE : { ...NO_STORE, Location: location };
    return { status: 201, headers, mediaType: uma1MediaType('ticket', version), body: { ticket } };
  }

  /** The status of an RPT for this RS. @throws ProtocolError 429 */
  async tokenStatus(token: string, server: ActingResourceServer): Promise<Uma1Answer> {
    const { version, introspection, introspectionLimiter } = this.#parts;
    const wait = await introspectionLimiter.take(server.clientId);
    if (wait !== undefined) throw tooManyRequests('introspections_of_resource_server', wait);
    const state = await introspectUma1Token(token, server, introspection);
    return { status: 200, headers: NO_STORE, mediaType: uma1MediaType('tokenStatus', version), body: uma1TokenStatus(state, version, await this.#names(server)) };
  }

  #names({ clientId }: ActingResourceServer) {
    return resourceSetNames(clientId, this.#parts.introspection.sha256);
  }
}
