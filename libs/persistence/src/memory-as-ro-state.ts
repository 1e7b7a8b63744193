import type {
  AuthorizationRequest,
  ClientId,
  Clock,
  GrantRecord,
  Issuer,
  PersistedClaims,
  ProtectionRefreshToken,
  RefreshableGrant,
  RegisteredClient,
  RequestId,
  Resource,
  ResourceId,
  ResourceServerConsent,
  Share,
  ShareId,
  TokenId,
} from '@uma-federation/uma-core';
import { RETENTION_SECONDS } from './housekeeping.ts';

/** What the audit table would hold. */
export interface AuditEntry {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const TIDY_INTERVAL_SECONDS = 60;
const MAX_AUDIT_ENTRIES = 10_000;

/** What the in-memory stores share. JavaScript runs one store call to its end before the next: that makes each atomic. */
export class MemoryAsRoState {
  /** By `keyOf`; the value is the NumericDate of expiry. */
  readonly redeemedTickets = new Map<string, number>();
  readonly consumedClaimsTokens = new Map<string, number>();
  readonly resources = new Map<ResourceId, Resource>();
  readonly shares = new Map<ShareId, Share>();
  readonly tokens = new Map<string, GrantRecord>();
  /** Tickets, by `keyOf`, that an RPT was given for. */
  readonly grantedTickets = new Set<string>();
  /** RPTs, by `keyOf`, that were revoked by themselves. */
  readonly revokedTokens = new Set<string>();
  readonly requests = new Map<RequestId, AuthorizationRequest>();
  /** By hash of the token. */
  readonly persistedClaims = new Map<string, PersistedClaims>();
  /** By id; `usedHashes` are the tokens that were used up. */
  readonly refreshTokens = new Map<string, { readonly grant: RefreshableGrant; readonly expiresAt: number; readonly usedHashes: readonly string[] }>();
  readonly clients = new Map<ClientId, RegisteredClient>();
  /** By owner and RS. */
  readonly consents = new Map<string, ResourceServerConsent>();
  /** By hash. `line` is the hash of the first token of the line. */
  readonly protectionRefreshTokens = new Map<string, ProtectionRefreshToken & { readonly line: string; readonly used: boolean }>();
  readonly audit: AuditEntry[] = [];
  readonly #clock: Clock;
  #tidiedAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#tidiedAt = clock.now();
  }

  /** One key per (issuer, jti), whatever characters they consist of. */
  keyOf(issuer: Issuer, tokenId: TokenId): string {
    return JSON.stringify([issuer, tokenId]);
  }

  /** Appends an audit entry; the oldest of very many are dropped. */
  note(event: string, data: AuditEntry['data']): void {
    this.audit.push({ event, data });
    if (this.audit.length > MAX_AUDIT_ENTRIES) this.audit.shift();
  }

  /** Removes a share. The RPTs that rest on it are active only while it exists. */
  withdraw(share: Share): void {
    this.shares.delete(share.id);
    this.note('share_removed', { share: share.id, resource: share.resourceId, owner: share.owner });
  }

  /** Whether the RPT was not revoked, by itself or with a share. */
  stands(grant: GrantRecord): boolean {
    return !this.revokedTokens.has(this.keyOf(grant.issuer, grant.tokenId)) && grant.shares.every((id) => this.shares.has(id));
  }

  /** Forgets, at most once a minute, what nobody can present any more. */
  tidy(): void {
    const now = this.#clock.now();
    if (now < this.#tidiedAt + TIDY_INTERVAL_SECONDS) return;
    this.#tidiedAt = now;
    const before = now - RETENTION_SECONDS;
    for (const ledger of [this.redeemedTickets, this.consumedClaimsTokens]) {
      for (const [key, expiresAt] of ledger) if (expiresAt < before) ledger.delete(key);
    }
    for (const rows of [this.requests, this.persistedClaims, this.refreshTokens, this.protectionRefreshTokens] as Map<string, { readonly expiresAt: number }>[]) {
      for (const [key, { expiresAt }] of rows) if (expiresAt < before) rows.delete(key);
    }
    for (const [key, grant] of this.tokens) {
      if (grant.expiresAt >= before) continue;
      this.tokens.delete(key);
      this.revokedTokens.delete(key);
      this.grantedTickets.delete(this.keyOf(grant.issuer, grant.ticketId));
    }
  }
}
