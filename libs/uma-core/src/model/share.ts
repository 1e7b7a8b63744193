import type { Assurance } from './assurance.ts';
import type { ResourceId, ShareId } from './ids.ts';
import type { JsonValue } from './json.ts';

/**
 * Whom an owner lets in: one person by exact e-mail, everybody of a domain (A-label), anyone who can be identified, or anyone at all,
 * also whoever shows no claims.
 */
export type Grantee =
  | { readonly kind: 'person'; readonly email: string }
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'anyone' }
  | { readonly kind: 'unidentified' };

/** What the requesting party must show besides who they are. All must hold. */
export interface ShareConditions extends Assurance {
  /** Claims of the identity claims token that must equal these values. */
  readonly claims?: Readonly<Record<string, JsonValue>> | undefined;
  /** The owner wants to be asked each time: the share itself lets nobody in (UMA Grant 3.3.6 request_submitted). */
  readonly ask?: true | undefined;
}

/** An owner's decision to let somebody have scopes of one resource. Times are NumericDates (seconds). */
export interface Share {
  readonly id: ShareId;
  readonly owner: string;
  readonly resourceId: ResourceId;
  readonly scopes: readonly string[];
  readonly grantee: Grantee;
  readonly notBefore?: number | undefined;
  readonly expiresAt?: number | undefined;
  readonly conditions: ShareConditions;
  readonly createdAt: number;
}
