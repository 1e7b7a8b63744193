import type { ClientId, Issuer, RequestId, ResourceId } from './ids.ts';
import type { ShareConditions } from './share.ts';

/** Scopes of one resource that somebody asks its owner for. */
export interface AskedPermission {
  readonly resourceId: ResourceId;
  readonly scopes: readonly string[];
  /** What the share that says "ask me" requires besides; the owner's yes keeps it. */
  readonly conditions: ShareConditions;
  /** NumericDate of that share's end. */
  readonly expiresAt?: number | undefined;
}

/** What has become of a request. */
export type RequestStatus = 'pending' | 'approved' | 'denied';

/** A request that waits for a resource owner, or waited (UMA Grant 3.3.6 request_submitted). Times are NumericDates. */
export interface AuthorizationRequest {
  readonly id: RequestId;
  readonly owner: string;
  readonly resourceServer: ClientId;
  /** The client that asks, and the person it asks for, as the person's own domain vouches. */
  readonly clientId: ClientId;
  readonly requestingParty: string;
  readonly issuer: Issuer;
  readonly permissions: readonly AskedPermission[];
  readonly status: RequestStatus;
  readonly createdAt: number;
  /** When it is forgotten, decided or not. */
  readonly expiresAt: number;
}
