import type { JsonValue, ProtectionApiRequest } from '@uma-federation/uma-core';

/** What AS-RO answered: a success, or a refusal with a status below 500. */
export interface ProtectionApiAnswer {
  readonly status: number;
  readonly json?: JsonValue | undefined;
}

/** AS-RO's protection API (Federated Authorization 1.2), whichever way it is reached. */
export interface ProtectionApi {
  /**
   * Performs a request within the deadline that the gateway is set to.
   * @throws PeerFailure or DiscoveryFailure when AS-RO cannot be asked or fails; PeerFailure `not_offered` for what it does not have
   */
  call(request: ProtectionApiRequest): Promise<ProtectionApiAnswer>;
}
