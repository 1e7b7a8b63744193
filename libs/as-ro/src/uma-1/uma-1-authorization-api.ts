import type { Logger } from '@uma-federation/nest-kit';
import {
  addUma1Authorization,
  issueUma1Token,
  outcomeToUma1Wire,
  readUma1AuthorizationRequest,
  uma1MediaType,
  type JsonValue,
  type Uma1Answer,
  type Uma1Authorizing,
  type Uma1Version,
} from '@uma-federation/uma-core';
import type { Uma1Caller } from './uma-1-clients.ts';

/** The authorization API of UMA 1.0: RPTs, and what is added to them (D05 3.4, D07 3.4, V101 3.5). */
export class Uma1AuthorizationApi {
  readonly #version: Uma1Version;
  readonly #depsFor: (clientId: string) => Uma1Authorizing;
  readonly #logger: Logger;

  constructor(version: Uma1Version, depsFor: (clientId: string) => Uma1Authorizing, logger: Logger) {
    this.#version = version;
    this.#depsFor = depsFor;
    this.#logger = logger;
  }

  /** A new RPT without permissions; the one that was issued for the same AAT before ends (L5). */
  async issue({ party }: Uma1Caller): Promise<Uma1Answer> {
    const { token } = await issueUma1Token(party, 'ended', this.#depsFor(party.clientId));
    const headers = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };
    return { status: 201, headers, mediaType: uma1MediaType('rpt', this.#version), body: { rpt: token } };
  }

  /**
   * Adds permissions to an RPT.
   * @throws ProtocolError as `addUma1Authorization` does; `invalid_request`
   */
  async authorize({ party, client }: Uma1Caller, body: JsonValue, requestId: string): Promise<Uma1Answer> {
    const request = { ...readUma1AuthorizationRequest(body, this.#version), version: this.#version, party, client: { registration: client, method: 'none' as const } };
    const outcome = await addUma1Authorization(request, this.#depsFor(party.clientId));
    const reason = outcome.outcome === 'authorized' ? undefined : outcome.reason;
    this.#logger.info({ requestId, clientId: party.clientId, outcome: outcome.outcome, reason }, 'authorization data requested');
    return outcomeToUma1Wire(outcome, this.#version);
  }
}
