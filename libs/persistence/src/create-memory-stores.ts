import type { Clock } from '@uma-federation/uma-core';
import type { AsRoStores } from './as-ro-stores.ts';
import { MemoryAsRoState, type AuditEntry } from './memory-as-ro-state.ts';
import { MemoryAuthorizationRequestStore } from './memory-authorization-request-store.ts';
import { MemoryClientStore } from './memory-client-store.ts';
import { MemoryGrantLedger } from './memory-grant-ledger.ts';
import { MemoryPersistedClaimsStore } from './memory-persisted-claims-store.ts';
import { MemoryRefreshTokenStore } from './memory-refresh-token-store.ts';
import { MemoryProtectionRefreshTokens } from './memory-protection-refresh-tokens.ts';
import { MemoryResourceRegistry } from './memory-resource-registry.ts';
import { MemoryResourceSearch } from './memory-resource-search.ts';
import { MemoryResourceServerConsents } from './memory-resource-server-consents.ts';
import { MemoryRevocationFeed } from './memory-revocation-feed.ts';
import { MemoryShareStore } from './memory-share-store.ts';
import { MemoryTicketLedger } from './memory-ticket-ledger.ts';
import { MemoryUma1TokenStore } from './memory-uma-1-token-store.ts';

/** The stores of AS-RO in memory, and what they have put on the record. */
export interface MemoryAsRoStores extends AsRoStores {
  readonly audit: readonly AuditEntry[];
}

/**
 * The stores over one state of their own: same guarantees as on PostgreSQL, within one process and for its lifetime.
 * @param clock says when expired entries may be forgotten
 */
export function createMemoryStores(clock: Clock): MemoryAsRoStores {
  const state = new MemoryAsRoState(clock);
  return {
    tickets: new MemoryTicketLedger(state),
    grants: new MemoryGrantLedger(state),
    resources: new MemoryResourceRegistry(state),
    resourceSearch: new MemoryResourceSearch(state),
    shares: new MemoryShareStore(state),
    revocations: new MemoryRevocationFeed(state),
    requests: new MemoryAuthorizationRequestStore(state),
    persistedClaims: new MemoryPersistedClaimsStore(state),
    refreshTokens: new MemoryRefreshTokenStore(state),
    uma1Tokens: new MemoryUma1TokenStore(state),
    clients: new MemoryClientStore(state),
    consents: new MemoryResourceServerConsents(state),
    protectionRefreshTokens: new MemoryProtectionRefreshTokens(state),
    audit: state.audit,
  };
}
