import { hash } from 'node:crypto';
import type { AuthorizationRequest } from '@uma-federation/uma-core';

/** What makes two requests to an owner the same: who asks whom for what, by which client. 43 characters. */
export function requestFingerprint({ owner, resourceServer, clientId, requestingParty, permissions }: AuthorizationRequest): string {
  const asked = permissions.map(({ resourceId, scopes }) => JSON.stringify([resourceId, ...[...scopes].sort()])).sort();
  return hash('sha256', JSON.stringify([owner, resourceServer, clientId, requestingParty, asked]), 'base64url');
}
