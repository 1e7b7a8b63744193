import type { Grant, TokenAnswer, TokenRequest } from '@uma-federation/oauth-server';
import { FormParameters, PROTECTION_SCOPE, UMA_1_SCOPES } from '@uma-federation/uma-core';

/**
 * Lets resource servers that are marked for UMA 1.0 ask for a PAT in the words of the drafts: "A requested scope of
 * http://docs.kantarainitiative.org/uma/scopes/prot.json results in a PAT" (D05 1.5, D07 1.4). The answer says what the scope is called here.
 */
export class ProtectionScopeAlias implements Grant {
  readonly grantType: string;
  readonly #grant: Grant;

  /** @param grant what decides */
  constructor(grant: Grant) {
    this.grantType = grant.grantType;
    this.#grant = grant;
  }

  get repeatableParameters(): readonly string[] | undefined {
    return this.#grant.repeatableParameters;
  }

  /** @inheritdoc */
  handle(request: TokenRequest): Promise<TokenAnswer> {
    const isMarked = request.client.registration.dialects?.includes('uma-1') === true;
    return this.#grant.handle(isMarked ? { ...request, form: translated(request.form) } : request);
  }
}

function translated(form: FormParameters): FormParameters {
  const pairs = form.names().flatMap((name) => form.all(name).map((value): [string, string] => [name, name === 'scope' ? translatedScope(value) : value]));
  return new FormParameters(pairs);
}

function translatedScope(scope: string): string {
  return scope
    .split(' ')
    .map((name) => (name === UMA_1_SCOPES.protection ? PROTECTION_SCOPE : name))
    .join(' ');
}
