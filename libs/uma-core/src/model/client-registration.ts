import type { ClientId } from './ids.ts';
import type { JsonObject } from './json.ts';

/**
 * How a client proved who it is at the token endpoint (RFC 7591 2, OpenID Connect Core 9, RFC 8705 2.1). `none`: a public client that only
 * named itself.
 */
export type ClientAuthenticationMethod = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'tls_client_auth';

/** Public keys of a client: a JWK Set (RFC 7517 5) that came with its registration, or where the client publishes one. */
export type ClientKeys = { readonly jwks: JsonObject } | { readonly jwksUri: string };

/** What a client's certificate must say (RFC 8705 2.1.2): the subject as an RFC 4514 string, or one name among the alternative ones. */
export type CertificateSubject = { readonly subjectDn: string } | { readonly sanDns: string } | { readonly sanUri: string };

/** Older dialects that a client may be marked for (protocol.md C3 to C6, section 4); nobody speaks one without being marked. */
export type Dialect = 'ticket-challenge' | 'uma-1';

/** What makes a client a resource server at AS-RO: it may get a PAT and use the protection API. */
export interface ResourceServerRegistration {
  /** The RS's resource identifier (RFC 8707, RFC 9728): `aud` of every RPT for it. */
  readonly identifier: string;
  /** Absolute URIs below which `resource_uri` must lie. */
  readonly baseUris: readonly string[];
  /** Owner (e-mail) of resources that are registered without the extension member `owner`: the organisation itself. */
  readonly defaultOwner?: string | undefined;
  /** How the domain's OpenID Provider calls this RS, where owners sign in at it; the client's own id by default. */
  readonly providerClientId?: string | undefined;
}

/** A client as an authorization server knows it. */
export interface ClientRegistration {
  readonly clientId: ClientId;
  readonly clientName?: string | undefined;
  /** Absent for a public client. SHA-256 (base64url) of a secret of at least 256 random bits. */
  readonly secretHash?: string | undefined;
  /** The one method that the client may use. Absent: one of the two ways to send the secret, or `none` without one. */
  readonly authenticationMethod?: ClientAuthenticationMethod | undefined;
  /** For `private_key_jwt`. */
  readonly keys?: ClientKeys | undefined;
  /** For `tls_client_auth`. */
  readonly certificate?: CertificateSubject | undefined;
  readonly grantTypes: readonly string[];
  /** Scopes that the client is pre-registered for (UMA Grant 3.3.4 RegisteredScopes). */
  readonly scopes: readonly string[];
  readonly redirectUris: readonly string[];
  /** Where requesting parties may be sent back to (UMA Grant 3.3.2); none of `redirectUris` unless it is listed here, too (G17). */
  readonly claimsRedirectUris?: readonly string[] | undefined;
  /** RFC 9449 5.2: refuse token requests of this client without a DPoP proof. */
  readonly dpopBoundAccessTokens?: boolean | undefined;
  /** Refuse uma-ticket requests of this client that lack `resource` (protocol.md 1.9 duty vii). */
  readonly requireResource: boolean;
  readonly resourceServer?: ResourceServerRegistration | undefined;
  /** Older dialects that this client may speak; none by default. */
  readonly dialects?: readonly Dialect[] | undefined;
}

/** Whether the client is marked for an older dialect. */
export function speaks({ dialects }: ClientRegistration, dialect: Dialect): boolean {
  return dialects?.includes(dialect) ?? false;
}

/** A client after client authentication. */
export interface AuthenticatedClient {
  readonly registration: ClientRegistration;
  readonly method: ClientAuthenticationMethod;
}
