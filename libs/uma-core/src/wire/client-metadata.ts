import { z } from 'zod';
import { invalidClientMetadata, invalidRedirectUri, unapprovedSoftwareStatement } from '../errors/refusals.ts';
import type { ClientMetadata } from '../model/client-metadata.ts';
import type { CertificateSubject, ClientKeys } from '../model/client-registration.ts';
import { isLoopbackUrl } from '../model/issuer.ts';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { scopeToken } from './scope-token.ts';

const MAX_SCOPES = 50;
const MAX_LOCALIZED = 32;
/** RFC 7518 6.2.2, 6.3.2, 6.4: what a public key does not have. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Text for people to read: no control characters, which headers, logs and terminals take for commands. */
const shown = (maxLength: number) => z.string().min(1).max(maxLength).regex(/^\P{Cc}*$/u);
const webUri = z.string().max(2048).regex(/^https?:\/\/[^\s"<>\\]+$/).refine((text) => URL.canParse(text));
const uris = z.array(z.string().max(2048)).max(20).default([]);

const metadata = z.object({
  redirect_uris: uris,
  claims_redirect_uris: uris,
  token_endpoint_auth_method: z.enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth']).optional(),
  grant_types: z.array(z.string().min(1).max(200)).max(20).optional(),
  scope: z
    .string()
    .max(2048)
    .transform((text) => [...new Set(text.split(' ').filter((scope) => scope !== ''))])
    .pipe(z.array(scopeToken).max(MAX_SCOPES))
    .default([]),
  client_name: shown(200).optional(),
  client_uri: webUri.optional(),
  logo_uri: webUri.optional(),
  tos_uri: webUri.optional(),
  policy_uri: webUri.optional(),
  contacts: z.array(shown(320)).max(10).default([]),
  jwks: z.object({ keys: z.array(z.record(z.string(), z.json())).max(20) }).optional(),
  jwks_uri: webUri.optional(),
  tls_client_auth_subject_dn: shown(1024).optional(),
  tls_client_auth_san_dns: z.string().max(253).regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/).optional(),
  tls_client_auth_san_uri: z.string().max(1024).regex(/^[a-z][a-z0-9+.-]*:[\x21\x23-\x2b\x2d-\x7e]+$/i).optional(),
  software_id: shown(200).optional(),
  software_version: shown(200).optional(),
  software_statement: z.unknown().optional(),
  dpop_bound_access_tokens: z.boolean().default(false),
});
type WireMetadata = z.output<typeof metadata>;

/**
 * Reads what a client says about itself, in a registration request (RFC 7591 2, 3.1) or in its metadata document. Members that are not known
 * are ignored (RFC 7591 2).
 * Does not check: which methods, grant types and scopes a client may have, whether a key can be used.
 * @param json the parsed JSON
 * @throws ProtocolError `invalid_redirect_uri`, `invalid_client_metadata`, or `unapproved_software_statement` for any software statement: there
 *   is nobody whose statements this house takes
 */
export function readClientMetadata(json: unknown): ClientMetadata {
  const parsed = metadata.safeParse(json);
  if (!parsed.success) throw malformed(parsed.error.issues[0]?.path ?? []);
  const wire = parsed.data;
  if (wire.software_statement !== undefined) throw unapprovedSoftwareStatement('software_statement_present');
  const isNative = wire.token_endpoint_auth_method === 'none';
  if (!wire.redirect_uris.every((uri) => isRedirectUri(uri, isNative))) throw invalidRedirectUri('redirect_uri_not_acceptable');
  if (!wire.claims_redirect_uris.every((uri) => isRedirectUri(uri, isNative))) throw invalidRedirectUri('claims_redirect_uri_not_acceptable');
  return {
    authenticationMethod: wire.token_endpoint_auth_method,
    keys: keysIn(wire),
    certificate: certificateIn(wire),
    grantTypes: wire.grant_types,
    scopes: wire.scope,
    redirectUris: wire.redirect_uris,
    claimsRedirectUris: wire.claims_redirect_uris,
    dpopBoundAccessTokens: wire.dpop_bound_access_tokens,
    clientName: wire.client_name,
    clientUri: wire.client_uri,
    logoUri: wire.logo_uri,
    tosUri: wire.tos_uri,
    policyUri: wire.policy_uri,
    contacts: wire.contacts,
    softwareId: wire.software_id,
    softwareVersion: wire.software_version,
    localized: readLocalized(json as object),
  };
}

/** The metadata of a client as it reads it back (RFC 7591 3.2.1): members without a value are left out. */
export function clientMetadataAnswer(client: ClientMetadata): JsonObject {
  const certificate: { readonly subjectDn?: string; readonly sanDns?: string; readonly sanUri?: string } = client.certificate ?? {};
  const members: Readonly<Record<string, JsonValue | undefined>> = {
    redirect_uris: client.redirectUris,
    claims_redirect_uris: client.claimsRedirectUris,
    token_endpoint_auth_method: client.authenticationMethod,
    grant_types: client.grantTypes,
    // RFC 7591 2.1: none of the grant types here has an authorization response.
    response_types: [],
    scope: client.scopes.length === 0 ? undefined : client.scopes.join(' '),
    client_name: client.clientName,
    client_uri: client.clientUri,
    logo_uri: client.logoUri,
    tos_uri: client.tosUri,
    policy_uri: client.policyUri,
    contacts: client.contacts.length === 0 ? undefined : client.contacts,
    jwks: client.keys !== undefined && 'jwks' in client.keys ? client.keys.jwks : undefined,
    jwks_uri: client.keys !== undefined && 'jwksUri' in client.keys ? client.keys.jwksUri : undefined,
    tls_client_auth_subject_dn: certificate.subjectDn,
    tls_client_auth_san_dns: certificate.sanDns,
    tls_client_auth_san_uri: certificate.sanUri,
    software_id: client.softwareId,
    software_version: client.softwareVersion,
    dpop_bound_access_tokens: client.dpopBoundAccessTokens,
    ...client.localized,
  };
  return Object.fromEntries(Object.entries(members).filter((member): member is [string, JsonValue] => member[1] !== undefined));
}

/**
 * Whether a URI may be registered to send people back to (UMA Grant 2, RFC 6749 3.1.2, RFC 8252 7): absolute, without fragment (G13, G14) and
 * user information; https, http on loopback, or for native applications a scheme that is a reversed domain name. It is kept as it is spelled,
 * its query included (G15), and compared as text (G18).
 */
export function isRedirectUri(text: string, isNative: boolean): boolean {
  if (!/^[\x21-\x7e]+$/.test(text) || /[\\#"<>]/.test(text)) return false;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return /^https:\/\/[^/?]/i.test(text);
  if (url.protocol === 'http:') return isLoopbackUrl(url);
  // RFC 8252 7.1, 8.4: a private-use scheme is a domain name in reverse; one without a period is to be rejected, because nobody owns it.
  return isNative && /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol);
}

function malformed(path: readonly PropertyKey[]) {
  const member = String(path[0] ?? 'document');
  const isUri = member === 'redirect_uris' || member === 'claims_redirect_uris';
  return isUri ? invalidRedirectUri('redirect_uris_malformed', member) : invalidClientMetadata('client_metadata_malformed', member);
}

function keysIn({ jwks, jwks_uri: jwksUri, token_endpoint_auth_method: method }: WireMetadata): ClientKeys | undefined {
  // RFC 7591 2: "The 'jwks_uri' and 'jwks' parameters MUST NOT both be present in the same request or response."
  if (jwks !== undefined && jwksUri !== undefined) throw invalidClientMetadata('keys_in_two_ways');
  if (method === 'private_key_jwt' && jwks === undefined && jwksUri === undefined) throw invalidClientMetadata('keys_missing');
  if (jwksUri !== undefined) return { jwksUri };
  if (jwks?.keys.some((key) => PRIVATE_MEMBERS.some((member) => Object.hasOwn(key, member))) === true) throw invalidClientMetadata('key_is_not_public');
  return jwks === undefined ? undefined : { jwks };
}

function certificateIn(wire: WireMetadata): CertificateSubject | undefined {
  const { tls_client_auth_subject_dn: subjectDn, tls_client_auth_san_dns: sanDns, tls_client_auth_san_uri: sanUri } = wire;
  const subjects = [subjectDn === undefined ? [] : { subjectDn }, sanDns === undefined ? [] : { sanDns }, sanUri === undefined ? [] : { sanUri }].flat();
  // RFC 8705 2.1.2: exactly one of these says whose certificate it is.
  if (subjects.length > 1 || (wire.token_endpoint_auth_method === 'tls_client_auth' && subjects.length === 0)) throw invalidClientMetadata('certificate_subject');
  return subjects[0];
}

/** RFC 7591 2.2: human-readable members in other languages. */
function readLocalized(json: object): JsonObject {
  const tagged = Object.entries(json).filter(([member]) => /^(client_name|client_uri|logo_uri|tos_uri|policy_uri)#[A-Za-z0-9-]{1,35}$/.test(member));
  const isFit = ([member, value]: [string, unknown]): boolean => (member.startsWith('client_name#') ? shown(200) : webUri).safeParse(value).success;
  if (tagged.length > MAX_LOCALIZED || !(tagged as [string, unknown][]).every(isFit)) throw invalidClientMetadata('localized_member_malformed');
  return Object.fromEntries(tagged as [string, string][]);
}
