import type { AccessToken } from './access-token.ts';
import type { RegisteredResource } from './resource-registration.ts';

/** Names of the headers that tell the upstream who asks. */
export interface IdentityHeaderNames {
  readonly email: string;
  readonly clientId: string;
  readonly resourceId: string;
  readonly scopes: string;
  readonly owner: string;
}

/**
 * What the upstream is told of the requesting party: only what the token says, and whose resource it is. Without an identified person a token
 * names its client as the subject; then nothing is said where the upstream looks for an e-mail address.
 */
export function identityHeaders(names: IdentityHeaderNames, token: AccessToken, resource: RegisteredResource): Readonly<Record<string, string>> {
  const scopes = token.permissions.filter(({ resourceId }) => resourceId === resource.id).flatMap((permission) => permission.scopes);
  const headers: Record<string, string> = {};
  if (token.subject !== token.clientId) headers[names.email] = token.subject;
  headers[names.clientId] = token.clientId;
  headers[names.resourceId] = resource.id;
  headers[names.scopes] = [...new Set(scopes)].join(' ');
  if (resource.owner !== undefined) headers[names.owner] = resource.owner;
  return headers;
}
