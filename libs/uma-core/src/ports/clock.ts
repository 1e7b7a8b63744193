/** The time. */
export interface Clock {
  /** Now, as a NumericDate: whole seconds since 1970-01-01T00:00:00Z. */
  now(): number;
}
