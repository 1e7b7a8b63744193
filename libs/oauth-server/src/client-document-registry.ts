import { ClientDocuments, type DiscoveryLimits, type GuardedFetch } from '@uma-federation/federation';
import {
  DiscoveryFailure, invalidClient, isTrusted, parseClientIdUrl, ProtocolError, readClientMetadata, tooManyRequests,
  type ClientId, type ClientMetadata, type ClientRegistration, type ClientRegistry, type Clock, type JsonObject, type JsonValue,
} from '@uma-federation/uma-core';
import type { ClientDocumentConfiguration } from './client-document-configuration.ts';

/** What clients' documents are fetched with, and what they may say. */
export interface ClientDocumentRegistryParts {
  readonly settings: ClientDocumentConfiguration;
  /** With a body limit of `MAX_CLIENT_DOCUMENT_BYTES`. */
  readonly fetch: GuardedFetch;
  readonly clock: Clock;
  readonly limits?: DiscoveryLimits | undefined;
}

/** Clients that nobody registered: their id is the URL of a document about them (draft-ietf-oauth-client-id-metadata-document). */
export class ClientDocumentRegistry implements ClientRegistry {
  readonly #settings: ClientDocumentConfiguration;
  readonly #allowLoopback: boolean;
  readonly #documents: ClientDocuments<ClientRegistration>;

  constructor({ settings, fetch, clock, limits }: ClientDocumentRegistryParts) {
    this.#settings = settings;
    this.#allowLoopback = fetch.policy.allowLoopback;
    this.#documents = new ClientDocuments({ fetch, clock, limits, read: (json, url) => readClient(json, url, settings) });
  }

  /** @inheritdoc */
  async find(clientId: string, source?: string): Promise<ClientRegistration | undefined> {
    const url = parseClientIdUrl(clientId, { allowLoopback: this.#allowLoopback });
    if (!this.#settings.enabled || url === undefined || !isTrusted(url.hostname, this.#settings.hosts)) return undefined;
    try {
      return await this.#documents.get(clientId, source);
    } catch (error) {
      if (!(error instanceof DiscoveryFailure)) throw error;
      // A46: who makes us ask too many strangers has to wait.
      if (error.reason === 'discovery_budget') throw tooManyRequests('discovery_budget', 60);
      throw invalidClient('client_document_unusable', error.reason);
    }
  }
}

/** The draft, 4.1: who is described, and that no secret is shared. */
function readClient(json: JsonValue | undefined, url: string, settings: ClientDocumentConfiguration): ClientRegistration {
  const document = objectOf(json);
  // Simple string comparison (RFC 3986 6.2.1): a document that speaks of another client says nothing about this one.
  if (document['client_id'] !== url) throw new DiscoveryFailure('client_document_of_another');
  if (Object.hasOwn(document, 'client_secret') || Object.hasOwn(document, 'client_secret_expires_at')) throw new DiscoveryFailure('client_document_with_secret');
  const metadata = readMetadata(document);
  const { authenticationMethod: method = 'none', keys } = metadata;
  if (method !== 'none' && method !== 'private_key_jwt') throw new DiscoveryFailure('client_document_method');
  return {
    clientId: url as ClientId,
    clientName: metadata.clientName,
    authenticationMethod: method,
    keys,
    grantTypes: settings.grantTypes,
    scopes: settings.scopes,
    redirectUris: metadata.redirectUris,
    claimsRedirectUris: metadata.claimsRedirectUris,
    requireResource: settings.requireResource,
    dpopBoundAccessTokens: metadata.dpopBoundAccessTokens,
  };
}

function readMetadata(document: JsonObject): ClientMetadata {
  try {
    // Without a secret the default of RFC 7591 2 (`client_secret_basic`) cannot be meant.
    return readClientMetadata({ token_endpoint_auth_method: 'none', ...document });
  } catch (cause) {
    if (cause instanceof ProtocolError) throw new DiscoveryFailure(`client_document_${cause.reason}`, { cause });
    throw cause;
  }
}

function objectOf(json: JsonValue | undefined): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new DiscoveryFailure('client_document_malformed');
  return json as JsonObject;
}
