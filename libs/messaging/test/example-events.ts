import type { ClientId, Issuer, ResourceId, ShareId } from '@uma-federation/uma-core';
import type { DomainEvent } from '../src/index.ts';

const issuer = 'https://as.acme.example' as Issuer;

/** One event of each type. */
export function exampleEvents() {
  return [
    { type: 'rpt-revoked', issuer },
    { type: 'client-revoked', issuer, clientId: 'client-1' as ClientId },
    { type: 'share-changed', shareId: 'shr_1' as ShareId },
    { type: 'resource-changed', resourceId: 'res_1' as ResourceId },
    { type: 'keys-rotated', issuer },
    { type: 'issuer-blocked', issuer },
  ] as const satisfies DomainEvent[];
}
