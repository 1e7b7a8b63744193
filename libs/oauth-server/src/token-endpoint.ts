import { formBody } from '@uma-federation/nest-kit';
import { invalidDpopProof, invalidRequest, unauthorizedClient, unsupportedGrantType, type FormParameters } from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';
import type { ClientAuthentication } from './client-authentication.ts';
import type { DpopProofs } from './dpop-proofs.ts';
import type { Grant, TokenAnswer } from './grant.ts';
import type { RateLimits } from './rate-limits.ts';

/** What a token endpoint is made of. */
export interface TokenEndpointParts {
  /** Its public URL: what DPoP proofs name in `htu`. */
  readonly url: string;
  readonly grants: readonly Grant[];
  readonly authentication: ClientAuthentication;
  readonly proofs: DpopProofs;
  readonly rateLimits: RateLimits;
}

/** The token endpoint (RFC 6749 3.2), with grants as plug-ins. */
export class TokenEndpoint {
  readonly #parts: TokenEndpointParts;
  readonly #grants: ReadonlyMap<string, Grant>;

  constructor(parts: TokenEndpointParts) {
    this.#parts = parts;
    this.#grants = new Map(parts.grants.map((grant) => [grant.grantType, grant]));
  }

  /**
   * Answers a token request: source limit → form → grant type → client → client limit → DPoP → grant.
   * @throws ProtocolError for a refusal (RFC 6749 5.2, RFC 9449 5, 429)
   */
  async handle(request: FastifyRequest): Promise<TokenAnswer> {
    await this.#parts.rateLimits.admitSource(request.ip);
    // RFC 6749 3.2 reads parameters from the body; the same names in the query would reach logs and proxies (A68).
    if (request.raw.url?.includes('?') === true) throw invalidRequest('query_at_token_endpoint');
    const form = formBody(request);
    const grant = this.#grantOf(form);
    requireSingleParameters(form, grant.repeatableParameters ?? []);
    const client = await this.#parts.authentication.authenticateRequest(request, form);
    await this.#parts.rateLimits.admitClient(client.registration.clientId);
    if (!client.registration.grantTypes.includes(grant.grantType)) throw unauthorizedClient('grant_type_not_registered');
    const proof = await this.#parts.proofs.check(request.raw, { method: 'POST', url: this.#parts.url });
    // RFC 9449 5.2: the server "MUST reject token requests from the client that do not contain the DPoP header".
    if (proof === undefined && client.registration.dpopBoundAccessTokens === true) throw invalidDpopProof('dpop_proof_missing');
    return await grant.handle({ form, client, authorization: request.headers.authorization, requestId: request.id, ...(proof === undefined ? {} : { dpop: { thumbprint: proof.thumbprint } }) });
  }

  #grantOf(form: FormParameters): Grant {
    const grant = this.#grants.get(form.required('grant_type'));
    if (grant === undefined) throw unsupportedGrantType('grant_type_unknown');
    return grant;
  }
}

/** RFC 6749 3.2: "parameters MUST NOT be included more than once"; `a[]` and `a[b]` are the same in another dialect (A68). */
function requireSingleParameters(form: FormParameters, repeatable: readonly string[]): void {
  for (const name of form.names()) {
    if (/[[\]]/.test(name)) throw invalidRequest('parameter_with_brackets');
    if (!repeatable.includes(name) && form.all(name).length > 1) throw invalidRequest('parameter_repeated');
  }
}
