import {
  decodeUtf8, invalidClient, invalidRequest, JWT_BEARER_ASSERTION, readClientAssertion, TokenFault,
  type ClientAuthenticationMethod, type FormParameters, type UnverifiedClientAssertion,
} from '@uma-federation/uma-core';

/** What a request says about who its client is; nothing of it is verified. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly secret?: string | undefined;
  readonly assertion?: UnverifiedClientAssertion | undefined;
  /** `none` when the form has nothing but a name: the connection may still have a certificate (RFC 8705 2). */
  readonly method: Exclude<ClientAuthenticationMethod, 'tls_client_auth'>;
}

/** A request, as far as its header and form say who the client is. */
export interface ClientCredentialsRequest {
  /** The `Authorization` header. */
  readonly authorization?: string | undefined;
  readonly form: FormParameters;
}

const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;

/**
 * Reads the client's credentials (RFC 6749 2.3.1, RFC 7523 2.2): HTTP Basic, `client_id` and `client_secret` in the form, `client_assertion`,
 * or `client_id` alone.
 * @throws ProtocolError 400 `invalid_request` for two methods at once (RFC 6749 2.3: "MUST NOT use more than one authentication method"),
 *   two different client ids or a repeated parameter; 401 `invalid_client` for a method that is not supported or no client at all
 */
export function readClientCredentials({ authorization, form }: ClientCredentialsRequest): ClientCredentials {
  const formClientId = form.single('client_id');
  const formSecret = form.single('client_secret');
  const assertion = form.single('client_assertion');
  const assertionType = form.single('client_assertion_type');
  const hasAssertion = assertion !== undefined || assertionType !== undefined;
  const isBasic = authorization !== undefined && /^basic\b/i.test(authorization);
  if (Number(isBasic) + Number(formSecret !== undefined) + Number(hasAssertion) > 1) throw invalidRequest('two_client_authentication_methods');
  // A71: a token of the requesting party, or any other, does not authenticate a client.
  if (authorization !== undefined && !isBasic) throw invalidClient('authorization_scheme_not_accepted');
  if (authorization !== undefined) return sameClient(readBasic(authorization), formClientId);
  if (hasAssertion) return sameClient(readAssertion(assertion, assertionType), formClientId);
  if (formClientId === undefined) throw invalidClient('no_client_authentication');
  return { clientId: formClientId, ...(formSecret === undefined ? { method: 'none' } : { secret: formSecret, method: 'client_secret_post' }) };
}

function sameClient(credentials: ClientCredentials, formClientId: string | undefined): ClientCredentials {
  if (formClientId !== undefined && formClientId !== credentials.clientId) throw invalidRequest('two_client_ids');
  return credentials;
}

function readAssertion(text: string | undefined, type: string | undefined): ClientCredentials {
  if (text === undefined || type !== JWT_BEARER_ASSERTION) throw invalidClient('client_assertion_type');
  try {
    const assertion = readClientAssertion(text);
    return { clientId: assertion.clientId, assertion, method: 'private_key_jwt' };
  } catch (error) {
    if (error instanceof TokenFault) throw invalidClient(`assertion_${error.reason}`);
    throw error;
  }
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
