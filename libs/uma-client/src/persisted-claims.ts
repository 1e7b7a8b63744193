/** A persisted claims token and the AS-RO that gave it (UMA Grant 3.3.3). */
export interface PersistedClaimsToken {
  readonly issuer: string;
  readonly token: string;
}

/**
 * Keeps the persisted claims tokens of one person at one client. UMA Grant 3.3.1: the client makes its best effort that the
 * requesting party is the same, so a store must never serve two people. G55: a token is confidential between client and AS-RO;
 * whoever keeps it outside the process encrypts it.
 */
export interface PersistedClaimsStore {
  /** The token that this AS-RO gave last. */
  find(issuer: string): Promise<string | undefined>;
  /** Keeps a token instead of an earlier one of the same AS-RO. */
  put(issuer: string, token: string): Promise<void>;
  remove(issuer: string): Promise<void>;
  list(): Promise<readonly PersistedClaimsToken[]>;
}

/** Keeps them as long as the process lives. */
export class MemoryPersistedClaimsStore implements PersistedClaimsStore {
  readonly #tokens = new Map<string, string>();

  async find(issuer: string): Promise<string | undefined> {
    return this.#tokens.get(issuer);
  }

  async put(issuer: string, token: string): Promise<void> {
    this.#tokens.set(issuer, token);
  }

  async remove(issuer: string): Promise<void> {
    this.#tokens.delete(issuer);
  }

  async list(): Promise<readonly PersistedClaimsToken[]> {
    return [...this.#tokens].map(([issuer, token]) => ({ issuer, token }));
  }
}
