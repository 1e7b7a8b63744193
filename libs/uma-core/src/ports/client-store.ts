import type { ClientMetadata } from '../model/client-metadata.ts';
import type { ClientId } from '../model/ids.ts';

/** A client that registered itself (RFC 7591). */
export interface RegisteredClient {
  readonly clientId: ClientId;
  /** As registered: methods and grant types are what the server has settled on. */
  readonly metadata: ClientMetadata;
  /** SHA-256 (base64url) of the secret, for the methods that need one. */
  readonly secretHash?: string | undefined;
  /** SHA-256 (base64url) of the registration access token (RFC 7592 3). */
  readonly registrationTokenHash: string;
  /** NumericDate. */
  readonly issuedAt: number;
}

/** The clients that registered themselves. */
export interface ClientStore {
  /**
   * Stores a client under its fresh id.
   * @returns false, and nothing is stored, when there are `limit` clients already
   */
  create(client: RegisteredClient, limit: number): Promise<boolean>;
  /** The client with this id, or undefined. */
  find(clientId: string): Promise<RegisteredClient | undefined>;
  /** Replaces metadata and secret; the other members stay. @returns false when there is no such client (any more) */
  replace(client: Pick<RegisteredClient, 'clientId' | 'metadata' | 'secretHash'>): Promise<boolean>;
  /**
   * Removes a client and ends, all or nothing, what it was given: RPTs, persisted claims and refresh tokens.
   * @param now NumericDate
   * @returns false when there is no such client (any more)
   */
  remove(clientId: string, now: number): Promise<boolean>;
}
