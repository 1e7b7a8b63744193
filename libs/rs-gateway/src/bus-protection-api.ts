import { PeerFailure } from '@uma-federation/federation';
import type { RequestClient } from '@uma-federation/messaging';
import { currentRequestIds, currentTraceparent } from '@uma-federation/nest-kit';
import { PROTECTION_API_SUCCESS, protectionApiMessage, ProtocolError, type ClientId, type JsonValue, type ProtectionApiRequest } from '@uma-federation/uma-core';
import type { ProtectionApi, ProtectionApiAnswer } from './protection-api.ts';

/** Which request this is done for, so that AS-RO's log lines of it can be found. */
function requestAtHand(): Record<string, string> {
  const [traceparent, { requestId }] = [currentTraceparent(), currentRequestIds()];
  return { ...(traceparent === undefined ? {} : { traceparent }), ...(requestId === undefined ? {} : { requestId }) };
}

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
      const options = { timeoutMs: this.#deadlineMs, metadata: requestAtHand() };
      const json = await this.#client.request<JsonValue>(request.operation, data, options);
      return { status: PROTECTION_API_SUCCESS[request.operation], json };
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const { status, reason, retryAfterSeconds } = error;
      if (status >= 500) throw new PeerFailure(reason, { status, retryAfterSeconds });
      return { status, json: { error: error.error } };
    }
  }
}
