import {
  GRANT_TYPES, invalidScope, invalidTarget, mintAccessToken, readScopes, unauthorizedClient,
  type Issuer, type MintDependencies,
} from '@uma-federation/uma-core';
import type { Grant, TokenAnswer, TokenRequest } from './grant.ts';

/** What the grant needs. */
export interface ClientCredentialsGrantParts extends MintDependencies {
  /** The server's own issuer: issuer and audience of the tokens. */
  readonly issuer: Issuer;
  /** At most 3600. */
  readonly lifetimeSeconds: number;
}

/** Client credentials (RFC 6749 4.4): access tokens for the server's own APIs, the PAT among them (Federated Authorization 1.3). */
export class ClientCredentialsGrant implements Grant {
  readonly grantType = GRANT_TYPES.clientCredentials;
  readonly #parts: ClientCredentialsGrantParts;

  constructor(parts: ClientCredentialsGrantParts) {
    this.#parts = parts;
  }

  /**
   * Issues a token for the client itself, bound to the DPoP key when the request proved one.
   * @throws ProtocolError `unauthorized_client` for a public client (RFC 6749 4.4: "MUST only be used by confidential clients"),
   *   `invalid_scope` for scopes beyond the registered ones, `invalid_target` for a `resource` other than this server
   */
  async handle({ form, client, dpop }: TokenRequest): Promise<TokenAnswer> {
    const { issuer, lifetimeSeconds } = this.#parts;
    const { clientId, scopes: registered } = client.registration;
    if (client.method === 'none') throw unauthorizedClient('public_client');
    const resource = form.single('resource');
    if (resource !== undefined && resource !== issuer) throw invalidTarget('resource_is_not_this_server');
    const requested = readScopes(form.single('scope'));
    // RFC 6749 3.3: without `scope` the default is what the client is registered for.
    const granted = requested.length === 0 ? registered : requested;
    if (granted.length === 0 || !granted.every((scope) => registered.includes(scope))) throw invalidScope('scope_not_registered');
    const scope = granted.join(' ');
    const confirmation = dpop === undefined ? {} : { confirmationThumbprint: dpop.thumbprint };
    const { token } = await mintAccessToken({ issuer, audience: issuer, subject: clientId, clientId, scope, lifetimeSeconds, ...confirmation }, this.#parts);
    return {
      status: 200,
      body: { access_token: token, token_type: dpop === undefined ? 'Bearer' : 'DPoP', expires_in: lifetimeSeconds, scope },
    };
  }
}
