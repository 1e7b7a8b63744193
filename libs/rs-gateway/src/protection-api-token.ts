import { PeerFailure, type ConfiguredPeer } from '@uma-federation/federation';
import type { Secret } from '@uma-federation/nest-kit';
import { PROTECTION_SCOPE, type Clock } from '@uma-federation/uma-core';
import { z } from 'zod';
import type { AuthorizationServer } from './authorization-server.ts';

const tokenAnswer = z.object({
  access_token: z.string().regex(/^[A-Za-z0-9\-._~+/]+=*$/),
  // RFC 6749 5.1: the token type is case insensitive.
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z.number().positive().optional(),
});

/** A token this close to its end is not used for a new request. */
const MARGIN_SECONDS = 30;
const ASSUMED_LIFETIME_SECONDS = 60;

/** The gateway's client at AS-RO. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

/** The gateway's protection API token (Federated Authorization 1.3), got by client credentials and kept until 30 s before it ends. */
export class ProtectionApiToken {
  readonly #client: ClientCredentials;
  readonly #server: AuthorizationServer;
  readonly #peer: ConfiguredPeer;
  readonly #clock: Clock;
  #current: { readonly token: string; readonly goodUntil: number } | undefined;
  #flight: Promise<string> | undefined;

  constructor(
    client: ClientCredentials,
    dependencies: { readonly server: AuthorizationServer; readonly peer: ConfiguredPeer; readonly clock: Clock },
  ) {
    this.#client = client;
    this.#server = dependencies.server;
    this.#peer = dependencies.peer;
    this.#clock = dependencies.clock;
  }

  /**
   * The token; fetched in one request however many callers wait.
   * @throws PeerFailure or DiscoveryFailure when it cannot be had
   */
  async get(): Promise<string> {
    if (this.#current !== undefined && this.#clock.now() < this.#current.goodUntil) return this.#current.token;
    this.#flight ??= this.#fetch().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  /** Forgets a token that AS-RO refused; harmless when another one took its place. */
  reject(token: string): void {
    if (this.#current?.token === token) this.#current = undefined;
  }

  async #fetch(): Promise<string> {
    const { token: endpoint } = await this.#server.endpoints();
    const form = { grant_type: 'client_credentials', scope: PROTECTION_SCOPE };
    const answer = await this.#peer.postForm(endpoint, form, { authorization: this.#basic() });
    const parsed = tokenAnswer.safeParse(answer.json);
    if (answer.status !== 200 || !parsed.success) throw new PeerFailure('protection_api_token_refused', { status: answer.status });
    const { access_token: token, expires_in: lifetimeSeconds = ASSUMED_LIFETIME_SECONDS } = parsed.data;
    this.#current = { token, goodUntil: this.#clock.now() + Math.floor(lifetimeSeconds) - MARGIN_SECONDS };
    return token;
  }

  /** RFC 6749 2.3.1: id and secret are form-encoded before they are joined. */
  #basic(): string {
    const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);
    return `Basic ${Buffer.from(`${encode(this.#client.clientId)}:${encode(this.#client.clientSecret.reveal())}`).toString('base64')}`;
  }
}
