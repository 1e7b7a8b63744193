import { decodeUtf8, invalidClient, invalidRequest, type ClientAuthenticationMethod, type FormParameters } from '@uma-federation/uma-core';

/** What a request says about who its client is; nothing of it is verified. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly secret?: string | undefined;
  readonly method: ClientAuthenticationMethod;
}

/** A request, as far as client authentication goes. */
export interface ClientAuthenticationRequest {
  /** The `Authorization` header. */
  readonly authorization?: string | undefined;
  readonly form: FormParameters;
}

const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;
const ASSERTION_PARAMETERS = ['client_assertion', 'client_assertion_type'];

/**
 * Reads the client's credentials (RFC 6749 2.3.1): HTTP Basic, `client_id` and `client_secret` in the form, or `client_id` alone.
 * @throws ProtocolError 400 `invalid_request` for two methods at once (RFC 6749 2.3: "MUST NOT use more than one authentication method"),
 *   two different client ids or a repeated parameter; 401 `invalid_client` for a method that is not supported or no client at all
 */
export function readClientCredentials({ authorization, form }: ClientAuthenticationRequest): ClientCredentials {
  const formClientId = form.single('client_id');
  const formSecret = form.single('client_secret');
  const hasAssertion = ASSERTION_PARAMETERS.some((name) => form.single(name) !== undefined);
  const isBasic = authorization !== undefined && /^basic\b/i.test(authorization);
  if (Number(isBasic) + Number(formSecret !== undefined) + Number(hasAssertion) > 1) throw invalidRequest('two_client_authentication_methods');
  // A71: a token of the requesting party, or any other, does not authenticate a client.
  if (authorization !== undefined && !isBasic) throw invalidClient('authorization_scheme_not_accepted');
  if (hasAssertion) throw invalidClient('client_assertion_not_accepted');
  if (authorization !== undefined) {
    const credentials = readBasic(authorization);
    if (formClientId !== undefined && formClientId !== credentials.clientId) throw invalidRequest('two_client_ids');
    return credentials;
  }
  if (formClientId === undefined) throw invalidClient('no_client_authentication');
  return { clientId: formClientId, ...(formSecret === undefined ? { method: 'none' } : { secret: formSecret, method: 'client_secret_post' }) };
}

function readBasic(authorization: string): ClientCredentials {
  const encoded = BASIC.exec(authorization)?.[1];
  const pair = encoded === undefined ? undefined : decodeUtf8(Buffer.from(encoded, 'base64'));
  const [rawId, ...rest] = pair?.split(':') ?? [];
  if (rawId === undefined || rest.length === 0) throw invalidClient('basic_malformed');
  const clientId = formDecode(rawId);
  const secret = formDecode(rest.join(':'));
  if (clientId === undefined || clientId === '' || secret === undefined) throw invalidClient('basic_malformed');
  return { clientId, secret, method: 'client_secret_basic' };
}

/** RFC 6749 2.3.1: identifier and password are encoded by "application/x-www-form-urlencoded" before Basic. */
function formDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
