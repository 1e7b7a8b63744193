import type { ConfiguredPeer } from '@uma-federation/federation';
import { DiscoveryFailure, type Issuer } from '@uma-federation/uma-core';
import { z } from 'zod';

/** Where AS-RO is reached. */
export interface AuthorizationServerEndpoints {
  readonly token: string;
  readonly permission: string;
  /** As published; the URI of a resource follows after one slash. */
  readonly resourceRegistration: string;
  readonly introspection?: string | undefined;
  readonly jwks: string;
  /** Extension of this project: RPTs that ended before their time. */
  readonly revocationFeed?: string | undefined;
}

const metadata = z.object({
  issuer: z.string(),
  token_endpoint: z.url(),
  permission_endpoint: z.url(),
  resource_registration_endpoint: z.url(),
  introspection_endpoint: z.url().optional(),
  jwks_uri: z.url(),
  revocation_feed_endpoint: z.url().optional(),
});

/** The gateway's own AS-RO, as its metadata describes it (UMA Grant 2; Federated Authorization 2). */
export class AuthorizationServer {
  readonly issuer: Issuer;
  readonly #peer: ConfiguredPeer;
  #endpoints: AuthorizationServerEndpoints | undefined;
  #flight: Promise<AuthorizationServerEndpoints> | undefined;

  /** @param peer an HTTP client for the issuer's origin and no other: endpoints elsewhere are never called */
  constructor(issuer: Issuer, peer: ConfiguredPeer) {
    this.issuer = issuer;
    this.#peer = peer;
  }

  /**
   * The endpoints that were last read; read now if they never were.
   * @throws DiscoveryFailure or PeerFailure when they cannot be had
   */
  async endpoints(): Promise<AuthorizationServerEndpoints> {
    return this.#endpoints ?? this.reload();
  }

  /**
   * Reads the metadata again, in one request however many callers wait. What was read before stays in force when it fails.
   * @throws DiscoveryFailure `metadata_status`, `metadata_malformed`, `issuer_mismatch`; PeerFailure
   */
  async reload(): Promise<AuthorizationServerEndpoints> {
    this.#flight ??= this.#read().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  async #read(): Promise<AuthorizationServerEndpoints> {
    // UMA Grant 2: the suffix is appended to the issuer, not inserted (protocol.md C22).
    const url = `${this.issuer.replace(/\/$/, '')}/.well-known/uma2-configuration`;
    const answer = await this.#peer.request({ method: 'GET', url });
    if (answer.status !== 200) throw new DiscoveryFailure('metadata_status');
    const document = metadata.safeParse(answer.json);
    if (!document.success) throw new DiscoveryFailure('metadata_malformed');
    // RFC 8414 3.3: the issuer MUST be identical, else the document MUST NOT be used.
    if (document.data.issuer !== this.issuer) throw new DiscoveryFailure('issuer_mismatch');
    this.#endpoints = {
      token: document.data.token_endpoint,
      permission: document.data.permission_endpoint,
      resourceRegistration: document.data.resource_registration_endpoint,
      introspection: document.data.introspection_endpoint,
      jwks: document.data.jwks_uri,
      revocationFeed: document.data.revocation_feed_endpoint,
    };
    return this.#endpoints;
  }
}
