import { PeerFailure, type ConfiguredPeer } from '@uma-federation/federation';
import { currentRequestIds } from '@uma-federation/nest-kit';
import type { JsonValue, ProtectionApiRequest, ResourceId } from '@uma-federation/uma-core';
import type { AuthorizationServer, AuthorizationServerEndpoints } from './authorization-server.ts';
import type { ProtectionApi, ProtectionApiAnswer } from './protection-api.ts';
import type { ProtectionApiToken } from './protection-api-token.ts';
import type { Timers } from './timers.ts';

/** A request as HTTP. */
interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string | undefined;
  readonly json?: JsonValue | undefined;
  readonly form?: Readonly<Record<string, string>> | undefined;
}

/** The protection API over HTTP, with the gateway's PAT: for a gateway anywhere. */
export class HttpProtectionApi implements ProtectionApi {
  readonly #server: AuthorizationServer;
  readonly #token: ProtectionApiToken;
  readonly #peer: ConfiguredPeer;
  readonly #timers: Timers;
  readonly #deadlineMs: number;

  /** @param dependencies `deadlineMs`: for a whole call, metadata and PAT included */
  constructor(dependencies: {
    readonly server: AuthorizationServer;
    readonly token: ProtectionApiToken;
    readonly peer: ConfiguredPeer;
    readonly timers: Timers;
    readonly deadlineMs: number;
  }) {
    this.#server = dependencies.server;
    this.#token = dependencies.token;
    this.#peer = dependencies.peer;
    this.#timers = dependencies.timers;
    this.#deadlineMs = dependencies.deadlineMs;
  }

  /** @inheritdoc A PAT that is refused with 401 is replaced once. */
  async call(request: ProtectionApiRequest): Promise<ProtectionApiAnswer> {
    let cancel: (() => void) | undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = this.#timers.after(this.#deadlineMs, () => reject(new PeerFailure('timeout')));
    });
    try {
      return await Promise.race([this.#call(request), late]);
    } finally {
      cancel?.();
    }
  }

  async #call(request: ProtectionApiRequest): Promise<ProtectionApiAnswer> {
    const sent = toHttp(request, await this.#server.endpoints());
    const token = await this.#token.get();
    const answer = await this.#send(sent, token);
    if (answer.status !== 401) return answer;
    this.#token.reject(token);
    return this.#send(sent, await this.#token.get());
  }

  async #send({ method, url, json, form }: Sent, token: string): Promise<ProtectionApiAnswer> {
    if (url === undefined) throw new PeerFailure('not_offered');
    const { requestId } = currentRequestIds();
    const headers = { authorization: `Bearer ${token}`, ...(requestId === undefined ? {} : { 'x-request-id': requestId }) };
    return form === undefined ? this.#peer.request({ method, url, json, headers }) : this.#peer.postForm(url, form, headers);
  }
}

function toHttp(request: ProtectionApiRequest, { permission, resourceRegistration, introspection, revocationFeed }: AuthorizationServerEndpoints): Sent {
  switch (request.operation) {
    case 'permission.request':
      return { method: 'POST', url: permission, json: request.body };
    case 'rpt.introspect':
      return { method: 'POST', url: introspection, form: { token: request.token, token_type_hint: 'access_token' } };
    case 'resource.list':
      return { method: 'GET', url: resourceRegistration };
    case 'resource.create':
      return { method: 'POST', url: resourceRegistration, json: request.body };
    case 'resource.read':
      return { method: 'GET', url: resourceUrl(resourceRegistration, request.id) };
    case 'resource.replace':
      return { method: 'PUT', url: resourceUrl(resourceRegistration, request.id), json: request.body };
    case 'resource.remove':
      return { method: 'DELETE', url: resourceUrl(resourceRegistration, request.id) };
    case 'revocation.read':
      return { method: 'GET', url: revocationFeed === undefined ? undefined : pageUrl(revocationFeed, request.cursor) };
  }
}

/** Federated Authorization 3.2: `rreguri/_id`, whether or not the endpoint was published with a slash at its end. */
function resourceUrl(endpoint: string, id: ResourceId): string {
  return `${endpoint.replace(/\/$/, '')}/${encodeURIComponent(id)}`;
}

function pageUrl(endpoint: string, cursor: string | undefined): string {
  return cursor === undefined ? endpoint : `${endpoint}?cursor=${encodeURIComponent(cursor)}`;
}
