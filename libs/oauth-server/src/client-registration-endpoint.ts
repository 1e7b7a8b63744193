import { checkStrangerUrl, usableKeys, type UrlPolicy } from '@uma-federation/federation';
import { jsonBody, type Logger } from '@uma-federation/nest-kit';
import {
  bearerRefusal, clientMetadataAnswer, DiscoveryFailure, equalInConstantTime, findByRegistrationToken, invalidClientMetadata, isSecretOf, readClientMetadata,
  registerClient, replaceClient, tooManyRequests,
  type ClientKeys, type ClientMetadata, type ClientRegistering, type IssuedRegistration, type JsonObject, type RateLimiter, type RegisteredClient,
} from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';
import { bearerToken } from './bearer-authentication.ts';
import { hashClientSecret } from './client-secret.ts';
import { sourceKey, type RateLimits } from './rate-limits.ts';

/** What the registration endpoint is made of. */
export interface ClientRegistrationEndpointParts extends ClientRegistering {
  /** Its public URL; clients are managed below it. */
  readonly url: string;
  /** SHA-256 (base64url) of the initial access tokens; undefined when everybody may register. */
  readonly initialAccessTokenHashes?: readonly string[] | undefined;
  readonly rateLimits: RateLimits;
  /** Registrations of one source. */
  readonly registrations: RateLimiter;
  /** Where clients may publish their keys. */
  readonly urlPolicy: UrlPolicy;
  readonly logger: Logger;
  /** Told of every client that has gone. */
  readonly onRemoved: (clientId: RegisteredClient['clientId']) => void;
}

/** RFC 7592 2.2: "The client MUST NOT include" these. */
const NOT_THE_CLIENTS_TO_SAY = ['registration_access_token', 'registration_client_uri', 'client_secret_expires_at', 'client_id_issued_at'];

/** Dynamic registration (RFC 7591) and its management by the client itself (RFC 7592). */
export class ClientRegistrationEndpoint {
  readonly #parts: ClientRegistrationEndpointParts;

  constructor(parts: ClientRegistrationEndpointParts) {
    this.#parts = parts;
  }

  /**
   * Registers a client (RFC 7591 3.1).
   * @returns the body of 201 Created
   * @throws ProtocolError 400 `invalid_redirect_uri`, `invalid_client_metadata` or `unapproved_software_statement`, 401 without an initial access
   *   token where one is needed, 429, 503
   */
  async register(request: FastifyRequest): Promise<JsonObject> {
    await this.#parts.rateLimits.admitSource(request.ip);
    this.#requireInitialAccessToken(request);
    const retryAfterSeconds = await this.#parts.registrations.take(sourceKey(request.ip));
    if (retryAfterSeconds !== undefined) throw tooManyRequests('registrations_rate_limited', retryAfterSeconds);
    const { registrationToken, ...issued } = await registerClient(this.#read(jsonBody(request)), this.#parts);
    this.#parts.logger.info({ requestId: request.id, clientId: issued.client.clientId }, 'client registered');
    return this.#answer(issued, registrationToken);
  }

  /**
   * What is registered of a client (RFC 7592 2.1). Its secret is not: only a hash is kept.
   * @throws ProtocolError 401 for a wrong registration access token and for an unknown client alike
   */
  async read(request: FastifyRequest, clientId: string): Promise<JsonObject> {
    const { client, token } = await this.#authenticate(request, clientId);
    return this.#answer({ client }, token);
  }

  /**
   * Replaces what is registered of a client (RFC 7592 2.2).
   * @throws ProtocolError 400 as for registration, also when the body names another client or a wrong secret; 401 as for reading
   */
  async replace(request: FastifyRequest, clientId: string): Promise<JsonObject> {
    const { client, token } = await this.#authenticate(request, clientId);
    const json = jsonBody(request);
    const metadata = this.#read(json);
    await this.#requireOwn(json as JsonObject, client);
    const issued = await replaceClient(client, metadata, this.#parts);
    this.#parts.logger.info({ requestId: request.id, clientId }, 'client replaced');
    return this.#answer(issued, token);
  }

  /**
   * Removes a client, and with it everything that it was given (RFC 7592 2.3).
   * @throws ProtocolError 401 as for reading
   */
  async remove(request: FastifyRequest, clientId: string): Promise<void> {
    const { client } = await this.#authenticate(request, clientId);
    await this.#parts.store.remove(client.clientId, this.#parts.clock.now());
    this.#parts.logger.info({ requestId: request.id, clientId }, 'client removed');
    this.#parts.onRemoved(client.clientId);
  }

  #requireInitialAccessToken(request: FastifyRequest): void {
    const { initialAccessTokenHashes: hashes } = this.#parts;
    if (hashes === undefined) return;
    const presented = hashClientSecret(requireBearer(request));
    // All of them are compared, so that the time does not tell which one it was.
    const matches = hashes.filter((hash) => equalInConstantTime(presented, hash));
    if (matches.length === 0) throw bearerRefusal('invalid_token', 'initial_access_token_unknown');
  }

  async #authenticate(request: FastifyRequest, clientId: string): Promise<{ readonly client: RegisteredClient; readonly token: string }> {
    await this.#parts.rateLimits.admitSource(request.ip);
    const token = requireBearer(request);
    const client = await findByRegistrationToken(clientId, token, this.#parts);
    // RFC 7592 2.1 to 2.3: 401 also when there is no such client.
    if (client === undefined) throw bearerRefusal('invalid_token', 'registration_access_token_unknown');
    return { client, token };
  }

  #read(json: unknown): ClientMetadata {
    const metadata = readClientMetadata(json);
    if (metadata.keys !== undefined && !isUsable(metadata.keys, this.#parts.urlPolicy)) throw invalidClientMetadata('keys_not_usable');
    return metadata;
  }

  async #requireOwn(json: JsonObject, client: RegisteredClient): Promise<void> {
    if (json['client_id'] !== client.clientId) throw invalidClientMetadata('client_id_differs');
    if (NOT_THE_CLIENTS_TO_SAY.some((member) => Object.hasOwn(json, member))) throw invalidClientMetadata('member_not_the_clients_to_say');
    const secret = Object.hasOwn(json, 'client_secret') ? json['client_secret'] : undefined;
    if (secret === undefined) return;
    // RFC 7592 2.2: "the value of this field MUST match the currently issued client secret": clients do not choose their secrets.
    if (typeof secret !== 'string' || !(await isSecretOf(client, secret, this.#parts))) throw invalidClientMetadata('client_secret_differs');
  }

  /** RFC 7591 3.2.1, RFC 7592 3. */
  #answer({ client, secret }: IssuedRegistration, registrationToken: string): JsonObject {
    return {
      client_id: client.clientId,
      client_id_issued_at: client.issuedAt,
      ...(secret === undefined ? {} : { client_secret: secret }),
      // RFC 7591 3.2.1: 0 says that the secret does not expire.
      ...(client.secretHash === undefined ? {} : { client_secret_expires_at: 0 }),
      registration_access_token: registrationToken,
      registration_client_uri: `${this.#parts.url}/${client.clientId}`,
      ...clientMetadataAnswer(client.metadata),
    };
  }
}

/** RFC 7591 1.2, RFC 7592 1.2: both kinds of token are bearer tokens. */
function requireBearer(request: FastifyRequest): string {
  const { scheme, token } = bearerToken(request);
  if (scheme !== 'Bearer') throw bearerRefusal('invalid_token', 'registration_needs_a_bearer_token');
  return token;
}

function isUsable(keys: ClientKeys, policy: UrlPolicy): boolean {
  try {
    if ('jwks' in keys) return usableKeys(keys.jwks).size > 0;
    checkStrangerUrl(keys.jwksUri, policy);
    return true;
  } catch (error) {
    if (error instanceof DiscoveryFailure) return false;
    throw error;
  }
}
