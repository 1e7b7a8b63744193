import type { ClientId } from './ids.ts';

/** How a client proved who it is at the token endpoint. `none`: a public client that only named itself. */
export type ClientAuthenticationMethod = 'none' | 'client_secret_basic' | 'client_secret_post';

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
}

/** A client as an authorization server knows it. */
export interface ClientRegistration {
  readonly clientId: ClientId;
  readonly clientName?: string | undefined;
  /** Absent for a public client. SHA-256 (base64url) of a secret of at least 256 random bits. */
  readonly secretHash?: string | undefined;
  readonly grantTypes: readonly string[];
  /** Scopes that the client is pre-registered for (UMA Grant 3.3.4 RegisteredScopes). */
  readonly scopes: readonly string[];
  readonly redirectUris: readonly string[];
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
