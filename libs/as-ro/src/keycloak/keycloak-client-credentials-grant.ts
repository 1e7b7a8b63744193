import type { ClientCredentialsGrant, Grant, TokenAnswer, TokenRequest } from '@uma-federation/oauth-server';
import { FormParameters, GRANT_TYPES, type JsonObject } from '@uma-federation/uma-core';

/** OpenID Connect scopes that Keycloak's clients ask for out of habit; they mean nothing for a client that asks for itself. */
const OPENID_SCOPES: readonly string[] = ['openid', 'profile', 'email'];

/** The client credentials grant, by which a Keycloak client gets its PAT, with the members that such clients read. */
export class KeycloakClientCredentialsGrant implements Grant {
  readonly grantType = GRANT_TYPES.clientCredentials;
  readonly #grant: ClientCredentialsGrant;

  constructor(grant: ClientCredentialsGrant) {
    this.#grant = grant;
  }

  /** @inheritdoc */
  async handle(request: TokenRequest): Promise<TokenAnswer> {
    const { status, body } = await this.#grant.handle({ ...request, form: withoutOpenIdScopes(request.form) });
    return { status, body: { ...(body as JsonObject), refresh_expires_in: 0, 'not-before-policy': 0 } };
  }
}

function withoutOpenIdScopes(form: FormParameters): FormParameters {
  return new FormParameters(form.names().flatMap((name) => form.all(name).map((value): [string, string] => [name, name === 'scope' ? without(value) : value])));
}

function without(scope: string): string {
  return scope
    .split(' ')
    .filter((value) => !OPENID_SCOPES.includes(value))
    .join(' ');
}
