import type { ConfiguredPeer, PeerAnswer } from '@uma-federation/federation';
import type { JsonValue } from '@uma-federation/uma-core';
import type { AuthorizationServer, AuthorizationServerEndpoints } from './authorization-server.ts';
import type { ProtectionApiToken } from './protection-api-token.ts';

/** One request at the protection API: JSON, or a form. */
export interface ProtectionApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: (endpoints: AuthorizationServerEndpoints) => string;
  readonly json?: JsonValue | undefined;
  readonly form?: Readonly<Record<string, string>> | undefined;
}

/** AS-RO's protection API (Federated Authorization 1.2), with the gateway's PAT. */
export class ProtectionApi {
  readonly #server: AuthorizationServer;
  readonly #token: ProtectionApiToken;
  readonly #peer: ConfiguredPeer;

  constructor(dependencies: { readonly server: AuthorizationServer; readonly token: ProtectionApiToken; readonly peer: ConfiguredPeer }) {
    this.#server = dependencies.server;
    this.#token = dependencies.token;
    this.#peer = dependencies.peer;
  }

  /**
   * Sends a request; once more with a fresh PAT when the answer is 401.
   * @returns the answer, whose status is below 500 and may be a refusal
   * @throws PeerFailure or DiscoveryFailure
   */
  async send(request: ProtectionApiRequest): Promise<PeerAnswer> {
    return this.#send(request.url(await this.#server.endpoints()), request);
  }

  /** The same for an endpoint that an AS-RO need not have: undefined when `url` finds none. */
  async sendIfThere(request: Omit<ProtectionApiRequest, 'url'> & { readonly url: (endpoints: AuthorizationServerEndpoints) => string | undefined }): Promise<PeerAnswer | undefined> {
    const url = request.url(await this.#server.endpoints());
    return url === undefined ? undefined : this.#send(url, request);
  }

  async #send(url: string, request: Omit<ProtectionApiRequest, 'url'>): Promise<PeerAnswer> {
    const token = await this.#token.get();
    const answer = await this.#sendWith(token, url, request);
    if (answer.status !== 401) return answer;
    this.#token.reject(token);
    return this.#sendWith(await this.#token.get(), url, request);
  }

  async #sendWith(token: string, url: string, { method, json, form }: Omit<ProtectionApiRequest, 'url'>): Promise<PeerAnswer> {
    const headers = { authorization: `Bearer ${token}` };
    return form === undefined ? this.#peer.request({ method, url, json, headers }) : this.#peer.postForm(url, form, headers);
  }
}
