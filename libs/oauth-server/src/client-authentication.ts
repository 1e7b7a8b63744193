import type { X509Certificate } from 'node:crypto';
import {
  equalInConstantTime, invalidClient,
  type AuthenticatedClient, type ClientAuthenticationMethod, type ClientRegistration, type ClientRegistry, type FormParameters,
} from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';
import type { ClientAssertions } from './client-assertions.ts';
import { certificateNames, type ClientCertificates } from './client-certificates.ts';
import { readClientCredentials, type ClientCredentials, type ClientCredentialsRequest } from './client-credentials.ts';
import { hashClientSecret } from './client-secret.ts';
import { sourceKey } from './rate-limits.ts';

/** A request, as far as client authentication goes. */
export interface ClientAuthenticationRequest extends ClientCredentialsRequest {
  /** The certificate that the client showed. */
  readonly certificate?: X509Certificate | undefined;
  /** On whose budget strangers are asked about the client (A46). */
  readonly source?: string | undefined;
}

/** How clients authenticate themselves besides secrets; what is absent is not supported. */
export interface ClientAuthenticationParts {
  /** For `private_key_jwt`. */
  readonly assertions?: ClientAssertions | undefined;
  /** For `tls_client_auth`. */
  readonly certificates?: ClientCertificates | undefined;
}

/** Stands in for the hash of a client that is unknown or has no secret; no secret is known that has it. */
const NO_HASH = 'A'.repeat(43);

/** Authenticates clients at the token endpoint (RFC 6749 2.3, 3.2.1) and wherever else a client has to. */
export class ClientAuthentication {
  readonly #registry: ClientRegistry;
  readonly #parts: ClientAuthenticationParts;

  constructor(registry: ClientRegistry, parts: ClientAuthenticationParts = {}) {
    this.#registry = registry;
    this.#parts = parts;
  }

  /** The methods that clients can use here, as metadata lists them (RFC 8414 2). */
  get methods(): readonly ClientAuthenticationMethod[] {
    const { assertions, certificates } = this.#parts;
    return [
      ...(['client_secret_basic', 'client_secret_post'] as const),
      ...(assertions === undefined ? [] : (['private_key_jwt'] as const)),
      ...(certificates === undefined ? [] : (['tls_client_auth'] as const)),
      'none',
    ];
  }

  /**
   * The client of a request with a form: header, form and certificate.
   * @throws ProtocolError as `authenticate`
   */
  async authenticateRequest(request: FastifyRequest, form: FormParameters): Promise<AuthenticatedClient> {
    const certificate = this.#parts.certificates?.of(request.raw);
    return this.authenticate({ authorization: request.headers.authorization, form, certificate, source: sourceKey(request.ip) });
  }

  /**
   * The client of a request. Every request costs one look-up, one hash and one comparison in constant time (and one signature check when it
   * has an assertion), so that an unknown client and a wrong secret look the same from outside (A78).
   * Does not check: whether the client may use a grant type.
   * @throws ProtocolError 401 `invalid_client`, 400 `invalid_request` (see `readClientCredentials`), and what the registry throws
   */
  async authenticate(request: ClientAuthenticationRequest): Promise<AuthenticatedClient> {
    const credentials = readClientCredentials(request);
    const registration = await this.#registry.find(credentials.clientId, request.source);
    const isSecretRight = equalInConstantTime(hashClientSecret(credentials.secret ?? ''), registration?.secretHash ?? NO_HASH);
    if (credentials.assertion !== undefined) return this.#byAssertion(credentials, registration, request.source);
    const reason = faultOf(registration, credentials, isSecretRight);
    if (registration === undefined) throw invalidClient('unknown_client');
    if (registration.authenticationMethod === 'tls_client_auth' && credentials.method === 'none') return this.#byCertificate(registration, request.certificate);
    if (reason !== undefined) throw invalidClient(reason);
    return { registration, method: credentials.method };
  }

  async #byAssertion({ assertion }: ClientCredentials, registration: ClientRegistration | undefined, source: string | undefined): Promise<AuthenticatedClient> {
    if (assertion === undefined || this.#parts.assertions === undefined) throw invalidClient('client_assertion_not_accepted');
    const mayAssert = registration?.authenticationMethod === 'private_key_jwt';
    await this.#parts.assertions.verify(assertion, mayAssert ? registration : undefined, source);
    if (registration === undefined || !mayAssert) throw invalidClient('method_not_registered');
    return { registration, method: 'private_key_jwt' };
  }

  #byCertificate(registration: ClientRegistration, certificate: X509Certificate | undefined): AuthenticatedClient {
    if (certificate === undefined || registration.certificate === undefined) throw invalidClient('certificate_missing');
    if (!certificateNames(certificate, registration.certificate)) throw invalidClient('certificate_of_another');
    return { registration, method: 'tls_client_auth' };
  }
}

/** RFC 7591 2: a client has one method. One that was configured with a secret may send it either way. */
function faultOf(registration: ClientRegistration | undefined, { method }: ClientCredentials, isSecretRight: boolean): string | undefined {
  if (registration === undefined) return 'unknown_client';
  const { authenticationMethod: registered, secretHash } = registration;
  const isPublic = registered === undefined ? secretHash === undefined : registered === 'none';
  if (method === 'none') return isPublic ? undefined : 'secret_missing';
  if (isPublic) return 'secret_for_public_client';
  if (secretHash === undefined || (registered !== undefined && registered !== method)) return 'method_not_registered';
  return isSecretRight ? undefined : 'wrong_secret';
}
