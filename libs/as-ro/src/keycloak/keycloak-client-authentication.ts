import { ClientAuthentication, type ClientAuthenticationRequest } from '@uma-federation/oauth-server';
import { FormParameters, GRANT_TYPES, parseSubjectJws, TokenFault, type AuthenticatedClient } from '@uma-federation/uma-core';

/** Further parameters by which a request names its client. */
const CLIENT_PARAMETERS = ['client_id', 'client_assertion'];

/**
 * Client authentication where the `Authorization` header may carry the person's token instead of the client's credentials, as Keycloak's clients
 * send it. That token never authenticates a client (A71): a confidential client still needs its credentials in the form, a public client names
 * itself by `client_id`, or by the client that the token says it was issued to, which is as much as a `client_id` proves.
 */
export class KeycloakClientAuthentication extends ClientAuthentication {
  /** @inheritdoc */
  override async authenticate(request: ClientAuthenticationRequest): Promise<AuthenticatedClient> {
    const { authorization, form } = request;
    const token = form.single('grant_type') === GRANT_TYPES.umaTicket ? personToken(authorization) : undefined;
    if (token === undefined) return super.authenticate(request);
    const named = CLIENT_PARAMETERS.some((name) => form.single(name) !== undefined) ? undefined : unverifiedClient(token);
    return super.authenticate({ ...request, authorization: undefined, form: named === undefined ? form : withClient(form, named) });
  }
}

/** The token of the person in the header, if it carries one. */
export function personToken(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^(?:Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1];
}

function withClient(form: FormParameters, clientId: string): FormParameters {
  const pairs = form.names().flatMap((name) => form.all(name).map((value): [string, string] => [name, value]));
  return new FormParameters([...pairs, ['client_id', clientId]]);
}

/** `client_id` (RFC 9068) or `azp` of a token whose signature is checked later, by whoever believes it. */
function unverifiedClient(token: string): string | undefined {
  try {
    const { client_id, azp } = parseSubjectJws(token).claims;
    const clientId = client_id ?? azp;
    return typeof clientId === 'string' && clientId !== '' ? clientId : undefined;
  } catch (error) {
    if (error instanceof TokenFault) return undefined;
    throw error;
  }
}
