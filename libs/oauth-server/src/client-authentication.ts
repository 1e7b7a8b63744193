import { equalInConstantTime, invalidClient, type AuthenticatedClient, type ClientRegistration, type ClientRegistry } from '@uma-federation/uma-core';
import { readClientCredentials, type ClientAuthenticationRequest, type ClientCredentials } from './client-credentials.ts';
import { hashClientSecret } from './client-secret.ts';

/** Stands in for the hash of a client that is unknown or public; no secret is known that has it. */
const NO_HASH = 'A'.repeat(43);

/** Authenticates clients at the token endpoint (RFC 6749 2.3, 3.2.1). */
export class ClientAuthentication {
  readonly #registry: ClientRegistry;

  constructor(registry: ClientRegistry) {
    this.#registry = registry;
  }

  /**
   * The client of a request. Every request costs one look-up, one hash and one comparison in constant time, so that an unknown client
   * and a wrong secret look the same from outside (A78).
   * Does not check: whether the client may use a grant type.
   * @throws ProtocolError 401 `invalid_client`, 400 `invalid_request` (see `readClientCredentials`)
   */
  async authenticate(request: ClientAuthenticationRequest): Promise<AuthenticatedClient> {
    const credentials = readClientCredentials(request);
    const registration = await this.#registry.find(credentials.clientId);
    const isSecretRight = equalInConstantTime(hashClientSecret(credentials.secret ?? ''), registration?.secretHash ?? NO_HASH);
    const reason = faultOf(registration, credentials, isSecretRight);
    if (registration === undefined || reason !== undefined) throw invalidClient(reason ?? 'unknown_client');
    return { registration, method: credentials.method };
  }
}

function faultOf(registration: ClientRegistration | undefined, credentials: ClientCredentials, isSecretRight: boolean): string | undefined {
  if (registration === undefined) return 'unknown_client';
  const isPublic = registration.secretHash === undefined;
  if (credentials.method === 'none') return isPublic ? undefined : 'secret_missing';
  if (isPublic) return 'secret_for_public_client';
  return isSecretRight ? undefined : 'wrong_secret';
}
