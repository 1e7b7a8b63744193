import type { ClientId } from '../model/ids.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';

/** Claims of a person that a client may use again with its persisted claims token (UMA Grant 1.2, 3.3.5). Times are NumericDates. */
export interface PersistedClaims {
  /** For the person's list; says nothing about the token. */
  readonly id: string;
  /** SHA-256 (base64url) of the token. */
  readonly tokenHash: string;
  /** The only client that may present the token (G56), and its DPoP key when it proved one. */
  readonly clientId: ClientId;
  readonly thumbprint?: string | undefined;
  readonly identity: IdentityClaims;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** The claims that an authorization server remembers. They are recorded with a grant (`GrantLedger.record`). */
export interface PersistedClaimsStore {
  /** What the token with this hash stands for, unless it has expired by `now` (NumericDate). */
  find(tokenHash: string, now: number): Promise<PersistedClaims | undefined>;
  /** Everything about this person (canonical e-mail) that has not expired, newest first. */
  listByPerson(email: string, now: number): Promise<readonly PersistedClaims[]>;
  /** Forgets one entry about this person, or all without `id`, with an audit entry. @returns how many there were */
  erase(email: string, id?: string): Promise<number>;
  /** Forgets what the token stands for. @returns whose it was, or undefined when there is none such */
  revoke(tokenHash: string, clientId: ClientId): Promise<'revoked' | 'another_client' | 'unknown'>;
}
