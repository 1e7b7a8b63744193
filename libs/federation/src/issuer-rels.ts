import type { IssuerRole } from '@uma-federation/uma-core';

/** OpenID Connect Discovery 1.0 section 2: the OpenID Provider of a person; here the domain's AS-RqP. */
export const OIDC_ISSUER_REL = 'http://openid.net/specs/connect/1.0/issuer';
/** Ours: the authorization server that decides over the resources of a domain's people. */
export const RESOURCE_OWNER_ISSUER_REL = 'urn:uma-federation:rel:resource-owner-authorization-server';

/**
 * The link relations that name an issuer for a role, preferred one first. A domain whose one authorization server plays both
 * parts may publish the OpenID relation alone.
 */
export function relsOfRole(role: IssuerRole): readonly string[] {
  return role === 'resource-owner' ? [RESOURCE_OWNER_ISSUER_REL, OIDC_ISSUER_REL] : [OIDC_ISSUER_REL];
}
