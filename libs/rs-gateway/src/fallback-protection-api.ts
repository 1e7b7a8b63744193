import { PeerFailure } from '@uma-federation/federation';
import { DiscoveryFailure, type ProtectionApiRequest } from '@uma-federation/uma-core';
import type { ProtectionApi, ProtectionApiAnswer } from './protection-api.ts';

/**
 * Two ways to one AS-RO: the second is taken when the first fails. For what must not depend on one of them, and may happen twice: the first way
 * may have got through before it failed.
 */
export class FallbackProtectionApi implements ProtectionApi {
  readonly #first: ProtectionApi;
  readonly #second: ProtectionApi;

  constructor(first: ProtectionApi, second: ProtectionApi) {
    this.#first = first;
    this.#second = second;
  }

  /** @inheritdoc */
  async call(request: ProtectionApiRequest): Promise<ProtectionApiAnswer> {
    try {
      return await this.#first.call(request);
    } catch (error) {
      if (!(error instanceof PeerFailure || error instanceof DiscoveryFailure)) throw error;
      return this.#second.call(request);
    }
  }
}
