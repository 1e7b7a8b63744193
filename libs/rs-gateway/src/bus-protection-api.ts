import { PeerFailure } from '@uma-federation/federation';
import type { RequestClient } from '@uma-federation/messaging';
import { PROTECTION_API_SUCCESS, protectionApiMessage, ProtocolError, type ClientId, type JsonValue, type ProtectionApiRequest } from '@uma-federation/uma-core';
import type { ProtectionApi, ProtectionApiAnswer } from './protection-api.ts';

/** The protection API over the domain's bus: for a gateway in AS-RO's own domain that shares its Redis. It needs no PAT. */
export class BusProtectionApi implements ProtectionApi {
  readonly #client: RequestClient;
  readonly #clientId: ClientId;
  readonly #deadlineMs: number;

  /** @param clientId the gateway's client at AS-RO, which believes it */
  constructor(dependencies: { readonly client: RequestClient; readonly clientId: string; readonly deadlineMs: number }) {
    this.#client = dependencies.client;
    this.#clientId = dependencies.clientId as ClientId;
    this.#deadlineMs = dependencies.deadlineMs;
  }

  /** @inheritdoc */
  async call(request: ProtectionApiRequest): Promise<ProtectionApiAnswer> {
    try {
      const data = protectionApiMessage(request, this.#clientId);
      const json = await this.#client.request<JsonValue>(request.operation, data, { timeoutMs: this.#deadlineMs });
      return { status: PROTECTION_API_SUCCESS[request.operation], json };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const { status, reason, retryAfterSeconds } = error;
      if (status >= 500) throw new PeerFailure(reason, { status, retryAfterSeconds });
      return { status, json: { error: error.error } };
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
