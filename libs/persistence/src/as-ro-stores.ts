import type {
  AuthorizationRequestStore,
  ClientStore,
  GrantLedger,
  PersistedClaimsStore,
  ProtectionRefreshTokens,
  RefreshTokenStore,
  ResourceRegistry,
  ResourceSearch,
  ResourceServerConsents,
  RevocationFeed,
  ShareStore,
  TicketLedger,
  Uma1TokenStore,
} from '@uma-federation/uma-core';
import type { Database } from './database.ts';
import { PostgresAuthorizationRequestStore } from './postgres-authorization-request-store.ts';
import { PostgresClientStore } from './postgres-client-store.ts';
import { PostgresGrantLedger } from './postgres-grant-ledger.ts';
import { PostgresPersistedClaimsStore } from './postgres-persisted-claims-store.ts';
import { PostgresRefreshTokenStore } from './postgres-refresh-token-store.ts';
import { PostgresProtectionRefreshTokens } from './postgres-protection-refresh-tokens.ts';
import { PostgresResourceRegistry } from './postgres-resource-registry.ts';
import { PostgresResourceSearch } from './postgres-resource-search.ts';
import { PostgresResourceServerConsents } from './postgres-resource-server-consents.ts';
import { PostgresRevocationFeed } from './postgres-revocation-feed.ts';
import { PostgresShareStore } from './postgres-share-store.ts';
import { PostgresTicketLedger } from './postgres-ticket-ledger.ts';
import { PostgresUma1TokenStore } from './postgres-uma-1-token-store.ts';

/** Everything that AS-RO stores, behind the ports of the core. */
export interface AsRoStores {
  readonly tickets: TicketLedger;
  readonly grants: GrantLedger;
  readonly resources: ResourceRegistry;
  readonly resourceSearch: ResourceSearch;
  readonly shares: ShareStore;
  readonly revocations: RevocationFeed;
  readonly requests: AuthorizationRequestStore;
  readonly persistedClaims: PersistedClaimsStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly uma1Tokens: Uma1TokenStore;
  readonly clients: ClientStore;
  readonly consents: ResourceServerConsents;
  readonly protectionRefreshTokens: ProtectionRefreshTokens;
}

/** The stores on one PostgreSQL, whose schema `as_ro` must have been migrated (`assertSchemaVersion`). */
export function createPostgresStores(database: Database): AsRoStores {
  return {
    tickets: new PostgresTicketLedger(database),
    grants: new PostgresGrantLedger(database),
    resources: new PostgresResourceRegistry(database),
    resourceSearch: new PostgresResourceSearch(database),
    shares: new PostgresShareStore(database),
    revocations: new PostgresRevocationFeed(database),
    requests: new PostgresAuthorizationRequestStore(database),
    persistedClaims: new PostgresPersistedClaimsStore(database),
    refreshTokens: new PostgresRefreshTokenStore(database),
    uma1Tokens: new PostgresUma1TokenStore(database),
    clients: new PostgresClientStore(database),
    consents: new PostgresResourceServerConsents(database),
    protectionRefreshTokens: new PostgresProtectionRefreshTokens(database),
  };
}
