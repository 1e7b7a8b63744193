import type {
  AuthorizationRequestStore,
  ClientStore,
  GrantLedger,
  JsonObject,
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

/** The stores of AS-RO as one replica of the service sees them. */
export interface StoresOfOneReplica {
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

/** Stores that a contract suite is to prove. */
export interface AsRoStoresUnderTest {
  /** Views of the same data; races are run over all of them. At least one. */
  readonly replicas: readonly [StoresOfOneReplica, ...StoresOfOneReplica[]];
  /** Everything in the audit, oldest first. */
  audit(): Promise<readonly { readonly event: string; readonly data: JsonObject }[]>;
  /** Closes what was opened. */
  dispose(): Promise<void>;
}

/** Makes the stores, once per suite. */
export type MakeStores = () => Promise<AsRoStoresUnderTest>;

/** How many callers race for one thing (A7, A16). */
export const PARALLEL = 50;

/** Calls `attempt` `times` times at once, spread over the replicas. */
export function race<T>(stores: AsRoStoresUnderTest, times: number, attempt: (replica: StoresOfOneReplica, index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, index) => attempt(stores.replicas[index % stores.replicas.length] ?? stores.replicas[0], index)));
}
