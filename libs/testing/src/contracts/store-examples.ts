import { randomUUID } from 'node:crypto';
import type {
  AuthorizationRequest,
  ClientId,
  ConsumedClaimsToken,
  GrantRecord,
  Issuer,
  PersistedClaims,
  RefreshableGrant,
  RequestId,
  Resource,
  ResourceId,
  Share,
  ShareId,
  TokenId,
} from '@uma-federation/uma-core';

/** The time of the examples, a NumericDate. */
export const EXAMPLE_TIME = 1_800_000_000;
export const AS_RO = 'https://as.foo.example' as Issuer;
export const AS_RQP = 'https://as.bar.example' as Issuer;

/** An identifier that nothing else has: suites share one store. */
export function freshId<T extends string>(prefix: string): T {
  return `${prefix}${randomUUID()}` as T;
}

/** A resource of an owner and a resource server of its own. */
export function exampleResource(differences: Partial<Resource> = {}): Resource {
  return {
    id: freshId<ResourceId>('res_'),
    resourceServer: freshId<ClientId>('rs-'),
    owner: `${freshId<string>('alice-')}@foo.example`,
    scopes: ['view', 'print'],
    localized: {},
    ...differences,
  };
}

/** A share of the resource, by its owner, with anyone. */
export function exampleShare(resource: Resource, differences: Partial<Share> = {}): Share {
  return {
    id: freshId<ShareId>('shr_'),
    owner: resource.owner,
    resourceId: resource.id,
    scopes: ['view'],
    grantee: { kind: 'anyone' },
    conditions: {},
    createdAt: EXAMPLE_TIME,
    ...differences,
  };
}

/** A grant that rests on the shares. */
export function exampleGrant(shares: readonly Share[], differences: Partial<GrantRecord> = {}): GrantRecord {
  return {
    issuer: AS_RO,
    tokenId: freshId<TokenId>('rpt-'),
    ticketId: freshId<TokenId>('pt-'),
    clientId: 'https://client.bar.example/app' as ClientId,
    resourceServer: 'rs-of-foo' as ClientId,
    owner: shares[0]?.owner ?? 'alice@foo.example',
    requestingParty: 'bob@bar.example',
    permissions: shares.map(({ resourceId, scopes }) => ({ resourceId, scopes })),
    shares: shares.map(({ id }) => id),
    issuedAt: EXAMPLE_TIME,
    expiresAt: EXAMPLE_TIME + 300,
    ...differences,
  };
}

/** An identity claims token of another organisation. */
export function exampleClaimsToken(differences: Partial<ConsumedClaimsToken> = {}): ConsumedClaimsToken {
  return { issuer: AS_RQP, tokenId: freshId<TokenId>('ict-'), expiresAt: EXAMPLE_TIME + 120, ...differences };
}

/** A pending request to the owner of the resource, for one of its scopes. */
export function exampleRequest(resource: Resource, differences: Partial<AuthorizationRequest> = {}): AuthorizationRequest {
  return {
    id: freshId<RequestId>('req_'),
    owner: resource.owner,
    resourceServer: resource.resourceServer,
    clientId: 'https://client.bar.example/app' as ClientId,
    requestingParty: 'bob@bar.example',
    issuer: AS_RQP,
    permissions: [{ resourceId: resource.id, scopes: ['view'], conditions: {} }],
    status: 'pending',
    createdAt: EXAMPLE_TIME,
    expiresAt: EXAMPLE_TIME + 86_400,
    ...differences,
  };
}

/** What is remembered of the person and the client of a grant, for a month. */
export function examplePersistedClaims({ clientId, requestingParty, issuedAt }: GrantRecord, differences: Partial<PersistedClaims> = {}): PersistedClaims {
  if (requestingParty === undefined) throw new Error('a grant without a person');
  return {
    id: freshId('pcd-'),
    tokenHash: freshId('hash-of-pct-'),
    clientId,
    identity: {
      issuer: AS_RQP,
      tokenId: freshId<TokenId>('ict-'),
      email: requestingParty,
      clientId: 'client-at-bar' as ClientId,
      acr: 'phr',
      amr: ['hwk', 'pin'],
      authTime: issuedAt - 10,
      expiresAt: issuedAt + 120,
      claims: { groups: ['a', { b: null }] },
    },
    createdAt: issuedAt,
    expiresAt: issuedAt + 30 * 86_400,
    ...differences,
  };
}

/** A refresh token of the grant, for a day. */
export function exampleRefreshToken({ clientId, resourceServer, owner, requestingParty, permissions, shares, issuedAt }: GrantRecord, differences: Partial<RefreshableGrant> = {}): RefreshableGrant {
  if (requestingParty === undefined) throw new Error('a grant without a person');
  return {
    id: freshId('rfr-'),
    tokenHash: freshId('hash-of-refresh-token-'),
    clientId,
    resourceServer,
    owner,
    requestingParty,
    permissions,
    shares,
    expiresAt: issuedAt + 86_400,
    ...differences,
  };
}
