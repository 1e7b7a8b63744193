/** How, and how lately, a person must have signed in (RFC 9470 3). */
export interface Assurance {
  /** One of these authentication context classes: set membership, no order. */
  readonly acrValues?: readonly string[] | undefined;
  /** How many seconds ago the person may have signed in at most. */
  readonly maxAgeSeconds?: number | undefined;
}
