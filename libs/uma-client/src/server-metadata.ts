import { parseIssuer } from '@uma-federation/uma-core';
import type { JsonObject } from '@uma-federation/uma-core';
import { readJsonObject, stringMember, stringsMember } from './answer-json.ts';
import { sendToPeer, type CallContext } from './call-context.ts';
import { endpointUrl } from './endpoint-url.ts';
import { UmaError } from './uma-error.ts';

/** What this client needs to know of an authorization server. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly tokenEndpoint: URL;
  /** RFC 7009 2. */
  readonly revocationEndpoint?: URL | undefined;
  /** `token_endpoint_auth_methods_supported`; RFC 8414 2: `client_secret_basic` when omitted. */
  readonly authenticationMethods: readonly string[];
  /** RFC 9207: its redirects carry `iss`. */
  readonly namesItselfInRedirects: boolean;
}

/** How long a metadata document may be used again. */
const METADATA_LIFETIME_SECONDS = 600;

/**
 * Finds an AS-RO (UMA Grant 2: `/.well-known/uma2-configuration` appended to the issuer).
 * @param asUri the issuer, accepted by `checkChallenge`
 * @throws UmaError `issuer_mismatch` (RFC 8414 3.3), `insecure_url`, `malformed_answer`, `peer_unreachable`
 */
export async function findResourceOwnerServer(asUri: string, context: CallContext): Promise<AuthorizationServer> {
  return find(asUri, [new URL(`${withoutSlash(asUri)}/.well-known/uma2-configuration`)], context);
}

/**
 * Finds an AS-RqP (RFC 8414 3.1: well-known part inserted before the path; then OpenID Connect Discovery 4: appended).
 * @param issuer the configured issuer; http is accepted on loopback
 * @throws UmaError as `findResourceOwnerServer`
 */
export async function findRequestingPartyServer(issuer: string, context: CallContext): Promise<AuthorizationServer> {
  if (parseIssuer(issuer, { allowLoopback: true }) === undefined) throw new UmaError('insecure_url');
  const { origin, pathname } = new URL(issuer);
  const inserted = new URL(`${origin}/.well-known/oauth-authorization-server${withoutSlash(pathname)}`);
  return find(issuer, [inserted, new URL(`${withoutSlash(issuer)}/.well-known/openid-configuration`)], context);
}

async function find(issuer: string, locations: readonly URL[], context: CallContext): Promise<AuthorizationServer> {
  const key = locations.join(' ');
  const known = context.metadata.get(key);
  if (known !== undefined && known.staleAt > context.clock.now()) return known.server;
  const server = readMetadata(await fetchFirst(locations, context), issuer);
  context.metadata.set(key, { server, staleAt: context.clock.now() + METADATA_LIFETIME_SECONDS });
  return server;
}

/** Only a clean "not there" leads on to the next location (Decision D6). */
async function fetchFirst(locations: readonly URL[], context: CallContext): Promise<JsonObject> {
  let status = 404;
  for (const location of locations) {
    const response = await sendToPeer(context, location, { headers: { accept: 'application/json' } });
    const document = await readJsonObject(response, context.answerLimitBytes);
    if (response.status === 200 && document !== undefined) return document;
    status = response.status;
    if (status !== 404 && status !== 410) break;
  }
  throw new UmaError('malformed_answer', { status });
}

function readMetadata(document: JsonObject, issuer: string): AuthorizationServer {
  // RFC 8414 3.3: "If these values are not identical, the data contained in the response MUST NOT be used." (A41)
  if (document['issuer'] !== issuer) throw new UmaError('issuer_mismatch');
  const revocation = stringMember(document, 'revocation_endpoint');
  return {
    issuer,
    tokenEndpoint: endpointUrl(stringMember(document, 'token_endpoint'), issuer),
    revocationEndpoint: revocation === undefined ? undefined : endpointUrl(revocation, issuer),
    authenticationMethods: stringsMember(document, 'token_endpoint_auth_methods_supported') ?? ['client_secret_basic'],
    namesItselfInRedirects: document['authorization_response_iss_parameter_supported'] === true,
  };
}

function withoutSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text;
}
